// The kiosk: a face, perhaps a reason, thanks, and back to the faces by itself. Each rating is
// put into the tablet's own queue first and sent from there, so that it is sent also when the
// network was gone for a day, and exactly once: its form holds the id under which it is stored.
"use strict";

const main = document.querySelector("[data-kiosk]");
const part = (name) => main.querySelector(`[data-${name}]`);
const form = main.querySelector("form");
const CODE = main.dataset.kiosk;
const HELD = Number(main.dataset.held);
const MOST = Number(main.dataset.most);
const BACK = Number(main.dataset.back) * 1000; // milliseconds
const SLOWLY = 4; // times as long for those who come by keyboard or switch
const FRESH = 90_000; // a form names who is on duty, so it is not used much later
const ASK_EVERY = 45_000;
const TEXTS = JSON.parse(main.dataset.texts);
const FIRST = main.dataset.languageFirst;

// What outlives a restart: ratings to be sent, forms for when there is no network.
const STORE = `kiosk ${CODE}`;
let kept = { queue: [], spares: [] };
try {
  kept = { ...kept, ...JSON.parse(localStorage.getItem(STORE)) };
} catch { /* nothing kept */ }
function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify(kept));
    return true;
  } catch {
    return false; // no room: it is sent while the page is open
  }
}

let fresh = { token: form.elements.token.value, at: performance.now() };
let language = FIRST;
let step = "rate";
let given = null; // the rating that is being given
let timer = 0;
let slow = false;
let sending = false;
let reached = true; // whether the portal answered last

// Steps.

function show(name) {
  step = name;
  for (const one of main.querySelectorAll("[data-step]")) one.hidden = one.dataset.step !== name;
  head();
  part("heading").focus({ preventScroll: true });
}

function head() {
  const text = TEXTS[language][step === "rate" ? "title" : step];
  part("heading").textContent = text;
  document.title = `${text} · Suara Loket`;
}

function wait(then) {
  clearTimeout(timer);
  timer = setTimeout(then, slow ? BACK * SLOWLY : BACK);
}

function start() {
  clearTimeout(timer);
  given = null;
  form.elements.who.checked = false;
  speak(FIRST);
  show(token(false) ? "rate" : "rest");
}

function rate(overall) {
  given = { overall, who: form.elements.who.checked && !part("who").hidden ? "x" : "" };
  show("why");
  wait(() => finish(""));
}

function finish(cause) {
  const rating = { ...given, cause, token: token(true), language, at: Date.now() };
  given = null;
  kept.queue.push(rating);
  keep();
  part("outcome").textContent = TEXTS[language][reached ? "received" : "stored"];
  show("thanks");
  wait(start);
  send().then(() => {
    const waits = kept.queue.includes(rating);
    part("outcome").textContent = TEXTS[language][waits ? "stored" : "received"];
  });
}

// A form for this rating: the one of this moment, else a spare one.
function token(take) {
  const young = fresh && performance.now() - fresh.at < FRESH;
  const found = young ? fresh.token : kept.spares.at(-1);
  if (take) {
    if (young) fresh = null;
    else kept.spares.pop();
  }
  return found;
}

// The portal.

async function send() {
  if (sending) return;
  sending = true;
  while (kept.queue.length) {
    const [rating] = kept.queue;
    const { at, ...fields } = rating;
    const body = new URLSearchParams({ ...fields, waited: Math.max(0, Math.round((Date.now() - at) / 1000)) });
    const headers = { Accept: "application/json" };
    const answer = await fetch("/kiosk/", { method: "POST", body, headers }).catch(() => null);
    reached = Boolean(answer) && answer.status < 500;
    // 422: the form is too old, or of another kiosk; no later try would change that.
    if (!answer || (!answer.ok && answer.status !== 422)) break;
    kept.queue.shift();
    keep();
  }
  sending = false;
  await ask();
}

async function ask() {
  const missing = Math.min(MOST, HELD - kept.spares.length);
  const answer = await fetch(`/kiosk/forms?spares=${missing}`, { cache: "no-store" }).catch(() => null);
  reached = Boolean(answer?.ok);
  if (answer?.status === 401 && !given) return location.reload(); // signed out: the page says so
  if (answer?.ok) {
    const told = await answer.json();
    if (told.code !== CODE) return location.reload();
    fresh = { token: told.token, at: performance.now() };
    kept.spares = [...told.spares, ...kept.spares];
    keep();
    if (!given) {
      part("names").textContent = told.names.join(", ");
      part("who").hidden = !told.names.length;
    }
  }
  tell();
  if (answer?.ok && HELD - kept.spares.length >= MOST) setTimeout(ask, 5000); // fill up in pieces
}

function tell() {
  if (!reached && !given) part("who").hidden = true; // a spare form is about nobody
  part("offline").hidden = reached;
  part("waiting").textContent = kept.queue.length ? `(${kept.queue.length})` : "";
  if (step === "rest" && token(false)) start();
}

// Languages: the page holds them all.

function speak(code) {
  language = code;
  document.documentElement.lang = code;
  for (const one of main.querySelectorAll("[data-t]")) one.textContent = TEXTS[code][one.dataset.t];
  head();
  for (const link of document.querySelectorAll("[data-language]"))
    if (link.dataset.language === code) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
}

// Who acts, and how.

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.name === "overall") rate(event.submitter.value);
});
main.addEventListener("click", ({ target }) => {
  if (target.dataset.cause) finish(target.dataset.cause);
  else if ("done" in target.dataset) finish("");
  else if ("undo" in target.dataset) start();
});
document.querySelector("nav").addEventListener("click", (event) => {
  const link = event.target.closest("[data-language]");
  if (!link) return;
  event.preventDefault();
  speak(link.dataset.language);
});
addEventListener("keydown", () => { slow = true; }, true);
addEventListener("pointerdown", () => {
  slow = false;
  document.documentElement.requestFullscreen?.().catch(() => {});
}, true);
for (const kind of ["keydown", "pointerdown", "focusin"])
  addEventListener(kind, () => { if (given) wait(() => finish("")); });

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/kiosk/worker.js");
if ("wakeLock" in navigator) {
  const stay = () => navigator.wakeLock.request("screen").catch(() => {});
  stay();
  document.addEventListener("visibilitychange", () => document.hidden || stay());
}
addEventListener("online", send);
setInterval(send, ASK_EVERY);
send();
