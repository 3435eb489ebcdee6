// A tablet that is signed out, or whose counter was closed, may still hold ratings of its time as a
// kiosk. Whoever looks after it is told, so that it is signed in once more before it is put away.
"use strict";

const line = document.querySelector("[data-held]");
let held = 0;
try {
  for (const name of Object.keys(localStorage).filter((one) => /^kiosk /.test(one)))
    held += (JSON.parse(localStorage.getItem(name)).queue ?? []).length;
} catch { /* nothing that can be read */ }
line.querySelector("b").textContent = held;
line.hidden = !held;
