// The screen at a counter: another code each minute, also while the network is gone.
//
// The portal gives the codes of a day ahead; they are kept in the browser. Its clock is the
// portal's as last heard of, so that a screen whose own clock is wrong still shows the right code.
"use strict";

const screen_ = document.querySelector("[data-display]");
const part = (name) => screen_.querySelector(`[data-${name}]`);
const CODE = screen_.dataset.display;
const HELD = Number(screen_.dataset.held);
const MOST = Number(screen_.dataset.most);
const ASK_EVERY = 20_000; // milliseconds
const SILENT_AFTER = 60_000;
const STORE = "display";

let held = { code: CODE, ahead: 0, codes: {} }; // minute: {otp, size, qr}
let shown = null;
let heard = Date.now(); // when the portal last answered

try {
  const kept = JSON.parse(localStorage.getItem(STORE));
  if (kept && kept.code === CODE) held = kept;
} catch { /* nothing kept, or no room to keep it: the page works without */ }

const now = () => Date.now() + held.ahead;
const minute = () => Math.floor(now() / 60_000);

function keep() {
  for (const one of Object.keys(held.codes)) if (one < minute() - 1) delete held.codes[one];
  try {
    localStorage.setItem(STORE, JSON.stringify(held));
  } catch { /* see above */ }
}

function draw({ otp, size, qr }) {
  const bits = Uint8Array.from(atob(qr), (letter) => letter.charCodeAt(0));
  const dark = (index) => (bits[index >> 3] >> (7 - (index & 7))) & 1;
  const wide = Number(size), quiet = 4;
  let path = "";
  for (let y = 0; y < wide; y++)
    for (let x = 0; x < wide; x++)
      if (dark(y * wide + x)) {
        let run = 1;
        while (x + run < wide && dark(y * wide + x + run)) run++;
        path += `M${x + quiet} ${y + quiet}h${run}v1h-${run}z`;
        x += run;
      }
  const svg = part("picture").querySelector("svg");
  const all = wide + 2 * quiet;
  const [ground, modules] = svg.querySelectorAll("path");
  svg.setAttribute("viewBox", `0 0 ${all} ${all}`);
  ground.setAttribute("d", `M0 0h${all}v${all}H0z`);
  modules.setAttribute("d", path);
  const groups = (CODE + otp).match(/.{4}/g);
  part("typed").textContent = groups.join("-");
}

function tell() {
  const code = held.codes[minute()];
  if (code && shown !== minute()) {
    draw(code);
    shown = minute();
  }
  const spent = !code && shown !== null && minute() - shown > 2;
  const silent = Date.now() - heard > SILENT_AFTER;
  part("spent").hidden = !spent;
  part("offline").hidden = !silent || spent;
  part("picture").hidden = spent;
  part("bar").setAttribute("width", `${100 - ((now() / 1000) % 60) / 0.6}%`);
}

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.status === 401) {
    localStorage.removeItem(STORE);
    location.reload(); // signed out: the page says what to do
    throw new Error("signed out");
  }
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function listen() {
  try {
    const state = await ask("/display/state");
    heard = Date.now();
    held.ahead = state.now * 1000 - heard;
    part("names").textContent = state.names.join(", ") || screen_.dataset.nobody;
    part("expected").textContent = state.expected.join(", ");
    part("staff").hidden = !state.expected.length;
    part("number").textContent = state.number;
    part("queue").hidden = !state.number;
    await fill();
  } catch { /* no network now: what is held goes on */ }
}

async function fill() {
  let first = minute();
  while (held.codes[first]) first++;
  // At the beginning a day in pieces; later a piece whenever one is used up.
  const missing = minute() + HELD - first;
  if (missing < MOST && first > minute() + 1) return;
  const answer = await ask(`/display/codes?first=${first}&count=${Math.min(MOST, missing)}`);
  if (answer.code !== CODE) return location.reload();
  answer.codes.forEach((code, index) => { held.codes[answer.first + index] = code; });
  keep();
}

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/display/worker.js");
if ("wakeLock" in navigator) {
  const stay = () => navigator.wakeLock.request("screen").catch(() => {});
  stay();
  document.addEventListener("visibilitychange", () => document.hidden || stay());
}
addEventListener("online", listen);
listen();
setInterval(listen, ASK_EVERY);
setInterval(tell, 1000);
tell();
