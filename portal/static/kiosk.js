// The kiosk: a face, perhaps a reason, thanks, and back to the faces by itself. Each rating is
// put into the tablet's own queue first and sent from there, so that it is sent also when the
// network was gone for a day, and exactly once: its form holds the id under which it is stored.
// Whoever's name stands above the faces at the tap is whom the rating is about, and nobody else.
"use strict";

const main = document.querySelector("[data-kiosk]");
const part = (name) => main.querySelector(`[data-${name}]`);
const listen = document.querySelector("[data-listen]"); // a page kept from before has none
const form = main.querySelector("form");
const CODE = main.dataset.kiosk;
const HELD = Number(main.dataset.held);
const MOST = Number(main.dataset.most);
const BACK = Number(main.dataset.back) * 1000; // milliseconds
const SLOWLY = 4; // times as long for those who come by keyboard or switch
const FRESH = 90_000; // a form names who is on duty, so it is not used much later
const ASK_EVERY = 45_000;
const DAY = 86_400_000;
const RENEWED = 6 * DAY; // spare forms are good for 8 days: older ones make room for new ones,
const SPENT = 7 * DAY; // and after a week none is begun; a day stays for the sending
const SOON = 3000; // so long somebody waits for the word that the rating arrived
const PATIENCE = 25_000;
const TEXTS = JSON.parse(main.dataset.texts);
const FIRST = main.dataset.languageFirst;

// What outlives a restart: ratings to be sent, ratings that were refused, and forms for when there
// is no network, the newest last, each with the moment at which it came.
const STORE = `kiosk ${CODE}`;
let kept = { queue: [], aside: [], spares: [] };
try {
  kept = { ...kept, ...JSON.parse(localStorage.getItem(STORE)) };
} catch { /* nothing kept */ }
kept.spares = kept.spares.filter((one) => one.at); // an earlier version noted no moment
kept.queue.push(...kept.aside.splice(0)); // the portal may have been mended since
// The tablet was another kiosk before: what waited then is sent by this one, and says so.
const before = Object.keys(localStorage).filter((name) => /^kiosk /.test(name) && name !== STORE);
for (const name of before) {
  try {
    const { queue = [], aside = [] } = JSON.parse(localStorage.getItem(name));
    kept.queue.push(...[...queue, ...aside].map((one) => ({ ...one, former: "1" })));
  } catch { /* nothing that can be read */ }
}
if (before.length && keep()) for (const name of before) localStorage.removeItem(name);
function keep() {
  const write = (what) => localStorage.setItem(STORE, JSON.stringify(what));
  try {
    write(kept);
    return true;
  } catch { /* no room */ }
  try {
    write({ ...kept, spares: [] }); // at least no form comes back that was used
    return true;
  } catch {
    return false; // it is sent while the page is open
  }
}

// The form of this moment and whom it names. A page that was kept for when there is no network
// brings none: whoever was on duty then may be gone.
const brought = form.elements.token.value;
let fresh = brought && { token: brought, at: Date.now(), names: part("names").textContent };
let language = FIRST;
let step = "rate";
let given = null; // the rating that is being given, with its form
let last = null; // the rating that was given last,
let stored = false; // whether the tablet could keep it,
let failed = false; // and whether it was given for nothing, as far as is known
let timer = 0;
let slow = false;
let sending = false;
let reached = true; // whether the portal answered last

// Steps.

function show(name) {
  step = name;
  self.speechSynthesis?.cancel();
  for (const one of main.querySelectorAll("[data-step]")) one.hidden = one.dataset.step !== name;
  head();
  tellAside();
  part("heading").focus({ preventScroll: true });
}

function head() {
  const text = TEXTS[language][step === "rate" ? "title" : step === "thanks" && failed ? "failed" : step];
  part("heading").textContent = text;
  document.title = `${text} · Suara Loket`;
}

function wait(then, times = 1) {
  clearTimeout(timer);
  timer = setTimeout(then, (slow ? BACK * SLOWLY : BACK) * times);
}

function start() {
  clearTimeout(timer);
  if (given) giveBack(given.taken);
  given = null;
  form.elements.who.checked = false;
  speak(FIRST);
  showNames();
  show(next() ? "rate" : "rest");
}

function showNames() {
  const names = young() ? fresh.names : "";
  part("names").textContent = names;
  part("who").hidden = !names;
}

function rate(overall) {
  if (given) return;
  const who = form.elements.who.checked && !part("who").hidden ? "x" : "";
  const taken = take();
  if (!taken) return start();
  given = { overall, who, taken };
  show("why");
  wait(() => finish(""));
}

function finish(cause) {
  const { taken, ...answers } = given;
  last = { ...answers, cause, token: taken.token, language, at: Date.now() };
  given = null;
  kept.queue.push(last);
  stored = keep();
  failed = false;
  show("thanks");
  outcome(!reached);
  wait(start);
  setTimeout(outcome, SOON, true);
  send();
}

// Received is said of what the portal has acknowledged, and of nothing else.
function outcome(late) {
  const text = kept.aside.includes(last) ? "refused"
    : !kept.queue.includes(last) ? "received"
    : !late ? "sending"
    : stored ? "stored" : "unstored";
  part("outcome").textContent = TEXTS[language][text];
  failed = text === "refused" || text === "unstored"; // then nobody is thanked as if it were done
  if (step === "thanks") head();
}

// A form for this rating: the one of this moment, else the newest of the spare ones.

function young() {
  return Boolean(fresh) && Math.abs(Date.now() - fresh.at) < FRESH;
}

function next() {
  return young() ? fresh : kept.spares.filter((one) => Date.now() - one.at < SPENT).at(-1);
}

function take() {
  const taken = next();
  if (taken === fresh) fresh = null;
  else kept.spares = kept.spares.filter((one) => one !== taken);
  return taken;
}

function giveBack(taken) {
  if (!("names" in taken)) kept.spares.push(taken);
  else fresh ||= taken;
}

// The portal.

async function call(path, options) {
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), PATIENCE);
  const answer = await fetch(path, { ...options, signal: stop.signal }).catch(() => null);
  clearTimeout(limit);
  return answer;
}

async function send() {
  if (sending) return;
  sending = true;
  while (kept.queue.length) {
    const [rating] = kept.queue;
    const { at, why, ...fields } = rating; // why it was refused before is no answer
    if (why !== undefined) fields.again = "1";
    const body = new URLSearchParams({ ...fields, waited: Math.max(0, Math.round((Date.now() - at) / 1000)) });
    const headers = { Accept: "application/json" };
    const answer = await call("/kiosk/", { method: "POST", body, headers });
    reached = Boolean(answer) && answer.status < 500;
    // 422: the form is too old, or of another kiosk. It is put aside with the reason, for whoever
    // looks after the tablet. 201 alone says stored: a sign-in page of a Wi-Fi says 200.
    if (answer?.status === 422) {
      const told = await answer.json().catch(() => ({}));
      kept.aside.push(Object.assign(rating, { why: told.why ?? "" }));
    }
    else if (answer?.status !== 201) break;
    kept.queue.shift();
    keep();
    if (rating === last) outcome(true);
  }
  sending = false;
  if (last) outcome(true);
  await ask();
}

async function ask() {
  const lasting = () => kept.spares.filter((one) => Math.abs(Date.now() - one.at) < RENEWED).length;
  const missing = Math.max(0, Math.min(MOST, HELD - lasting()));
  const answer = await call(`/kiosk/forms?spares=${missing}`, { cache: "no-store" });
  const told = answer?.ok ? await answer.json().catch(() => null) : null;
  reached = Boolean(told);
  // Signed out, or moved to another counter: the page says so, once nobody is in the middle of it.
  if (!given && (answer?.status === 401 || (told && told.code !== CODE))) return location.reload();
  if (told?.code === CODE) {
    const at = Date.now();
    fresh = { token: told.token, at, names: told.names.join(", ") };
    setTimeout(tell, FRESH);
    kept.spares = [...kept.spares, ...told.spares.map((token) => ({ token, at }))].slice(-HELD);
    keep();
  }
  tell();
  if (reached && HELD - lasting() >= MOST) setTimeout(ask, 5000); // fill up in pieces
}

function tell() {
  if (!given) showNames();
  part("offline").hidden = reached;
  part("waiting").textContent = kept.queue.length ? `(${kept.queue.length})` : "";
  tellAside();
  if (step === "rest" && next()) start();
}

// What the portal has refused for good: how many, of which days and why, for the staff. What was
// tapped is not shown. Nothing is removed at the first tap: somebody may only be curious.

function look() {
  clearTimeout(timer);
  const reasons = Map.groupBy?.(kept.aside, ({ why }) => why) ?? new Map([["", kept.aside]]);
  part("refused").replaceChildren(...[...reasons].map(([why, ones]) => {
    const line = document.createElement("li");
    line.textContent = `${ones.length} · ${days(ones)} · ${TEXTS[language][`why_${why}`] || TEXTS[language].why_}`;
    return line;
  }));
  part("sure").hidden = true;
  part("forget").hidden = false;
  show("refusals");
  wait(start, 12);
}

function days(ones) {
  const name = (at) => new Date(at).toLocaleDateString([language, "id"], { day: "numeric", month: "short", year: "numeric" });
  const all = ones.map((one) => one.at);
  return [...new Set([name(Math.min(...all)), name(Math.max(...all))])].join(" – ");
}

function forget() {
  kept.aside = [];
  keep();
  tell();
  start();
}

function tellAside() {
  part("aside").hidden = !kept.aside.length || !["rate", "rest"].includes(step);
  part("number").textContent = kept.aside.length;
}

// Languages: the page holds them all.

function speak(code) {
  language = code;
  document.documentElement.lang = code;
  for (const one of document.querySelectorAll("[data-t]")) one.textContent = TEXTS[code][one.dataset.t];
  head();
  for (const link of document.querySelectorAll("[data-language]"))
    if (link.dataset.language === code) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  offerVoice();
}

// Read aloud, with a voice of the tablet's own; where there is none of a regional language's, an
// Indonesian one reads it.

function voice() {
  const voices = self.speechSynthesis?.getVoices() ?? [];
  const wanted = language === "en" ? ["en"] : [language, "id", "in"];
  return wanted.map((code) => voices.find(({ lang }) => lang.toLowerCase().startsWith(code))).find(Boolean);
}

function offerVoice() {
  if (listen) listen.hidden = !voice();
}

function read() {
  const parts = [...main.querySelectorAll(`h1, [data-step="${step}"] :is(p, button):not([hidden], .small)`)];
  const speech = new SpeechSynthesisUtterance(parts.map((one) => one.innerText).join(". "));
  Object.assign(speech, { voice: voice(), lang: voice().lang, rate: 0.9 });
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
  if (given) wait(() => finish(""), SLOWLY); // as long as that is read
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
  else if ("look" in target.dataset) look();
  else if ("forget" in target.dataset) {
    target.hidden = true;
    part("sure").hidden = false;
  } else if ("sure" in target.dataset) forget();
});
document.querySelector("nav").addEventListener("click", (event) => {
  const link = event.target.closest("[data-language]");
  if (!link) return;
  event.preventDefault();
  speak(link.dataset.language);
  if (step === "refusals") look();
});
listen?.addEventListener("click", read);
self.speechSynthesis?.addEventListener?.("voiceschanged", offerVoice);
addEventListener("keydown", () => { slow = true; }, true);
addEventListener("pointerdown", () => { slow = false; }, true);
// A finger that only touches the screen may not fill it with the page; one that has tapped may.
addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => {}), true);
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
showNames();
offerVoice();
send();
