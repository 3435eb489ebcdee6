// Keeps the page of the kiosk, so that it also starts while there is no network.
"use strict";

const KEPT = "kiosk-1";
const PAGE = ["/kiosk/", "/static/kiosk.css", "/static/kiosk.js"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PAGE)));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && PAGE.includes(pathname))
    event.respondWith(networkFirst(event.request, pathname));
});

// Kept by path alone: the page holds its texts in every language.
async function networkFirst(request, pathname) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.status < 500) {
      if (answer.ok) await kept.put(pathname, answer.clone());
      return answer;
    }
  } catch { /* no network: what is kept */ }
  return (await kept.match(pathname)) || Response.error();
}
