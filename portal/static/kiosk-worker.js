// Keeps the page of the kiosk, so that it also starts while there is no network.
"use strict";

const KEPT = "kiosk-2";
const BEFORE = "kiosk-1"; // pages with a form that was good for one moment
const START = "/kiosk/";
const PAGE = [START, "/static/kiosk.css", "/static/kiosk.js"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(Promise.all(PAGE.map(async (path) => keep(path, await fetch(path)))));
});
addEventListener("activate", (event) =>
  event.waitUntil(caches.delete(BEFORE).then(() => clients.claim())));
addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && PAGE.includes(pathname))
    event.respondWith(networkFirst(event.request, pathname));
});

// Kept by path alone: the page holds its texts in every language. Its form and whom that names are
// of this moment and stay out: days later the page would rate whoever was on duty today.
async function keep(path, answer) {
  if (!answer.ok) throw Error(`${path}: ${answer.status}`);
  const text = await answer.text();
  const lasting = path !== START ? text
    : text.replace(/(name="token" value=")[^"]*/, "$1").replace(/(data-names>)[^<]*/, "$1");
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  await (await caches.open(KEPT)).put(path, new Response(lasting, { headers }));
}

async function networkFirst(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.status < 500) {
      if (answer.ok) await keep(path, answer.clone()).catch(() => 0); // no room
      return answer;
    }
  } catch { /* no network: what is kept */ }
  return (await caches.match(path, { cacheName: KEPT })) || Response.error();
}
