// Keeps the page of the screen, so that it also starts while there is no network.
"use strict";

const KEPT = "display-1";

const PAGE = ["/display/", "/static/display.css", "/static/display.js"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PAGE)));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const ours = PAGE.includes(pathname);
  if (event.request.method === "GET" && ours) event.respondWith(networkFirst(event.request));
});

async function networkFirst(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(request, answer.clone());
    return answer;
  } catch {
    return (await kept.match(request, { ignoreSearch: true })) || Response.error();
  }
}
