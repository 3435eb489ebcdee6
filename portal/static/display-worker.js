// Keeps the page of the screen, so that it also starts while there is no network.
"use strict";

const KEPT = "display-2";

const PAGE = ["/display/", "/static/display.css", "/static/display.js"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PAGE)));
});
addEventListener("activate", (event) => event.waitUntil(forgetOlder().then(() => clients.claim())));

addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const ours = PAGE.includes(pathname);
  if (event.request.method === "GET" && ours) event.respondWith(networkFirst(event.request, pathname));
});

// Kept by path alone: of a page in two languages, or a file in two versions, the one that came last.
async function networkFirst(request, pathname) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(pathname, answer.clone());
    return answer;
  } catch {
    return (await kept.match(pathname)) || Response.error();
  }
}

async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith("display-") && name !== KEPT);
  await Promise.all(older.map((name) => caches.delete(name)));
}
