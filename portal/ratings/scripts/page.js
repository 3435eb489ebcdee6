// The citizen's page: it works without this, and better with it.
const main = document.querySelector('main');
const form = document.querySelector('[data-rating-form]');
const path = form && new URL(form.action).pathname;
const place = [...main.querySelectorAll('header b, header small')].map(part => part.textContent).join(', ');
const asServed = document.documentElement.cloneNode(true);
let mine; // the rating that was sent from this very page
let sending;
let timer;

function element(name, properties, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside.filter(Boolean));
  return made;
}
const button = (text, onclick) => element('button', {type: 'button', className: 'quiet', onclick}, text);
const say = (text, where) => text.replace('{place}', where || '');

// What is missing, said in the page's language; a browser would say it in the phone's.

addEventListener('submit', event => {
  const {missing} = event.target.dataset;
  const field = event.target.querySelector('input:invalid,textarea:invalid');
  document.querySelector('#wrong')?.remove();
  if (!missing || !field || event.submitter?.formNoValidate) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  field.closest('.faces,label').before(
    element('p', {className: 'card bad', id: 'wrong', role: 'alert'}, missing));
  field.setAttribute('aria-describedby', 'wrong');
  if (field.type !== 'radio') field.ariaInvalid = true;
  field.focus();
  event.target.oninput = () => {
    document.querySelector('#wrong')?.remove();
    field.ariaInvalid = null;
  };
}, true);

// Sending.

const status = element('p', {className: 'mid', role: 'status'});

async function submit(event) {
  if (event.submitter?.name === 'lang') {
    // A browser's own page of 'no network' would take away what is filled in.
    if (!navigator.onLine) {
      event.preventDefault();
      status.textContent = TEXTS.noSwitch;
    }
    return;
  }
  event.preventDefault();
  if (mine) return sending || tick(true, true); // an impatient tap sends nothing twice
  sending = true;
  const body = new URLSearchParams(new FormData(form)).toString();
  const token = form.elements.token.value;
  const spare = form.elements.spare?.value || '';
  mine = {key: token + spare, path, place, body, at: Date.now(), tries: 0};
  status.textContent = TEXTS.sending;
  await keep(mine);
  // Used once, also where the phone could not store the rating: used again it would be no new one.
  if (spare) await caches.open(SHELF).then(shelf => shelf.delete(path)).catch(() => 0);
  await send(mine);
  sending = false;
  await settle(mine);
}

async function arrived(item) {
  sessionStorage.removeItem(draft);
  await keep({...item, seen: true});
  location.replace(item.receipt);
}

async function settle(item) {
  if (item.receipt) {
    await arrived(item);
  } else if (item.refused) {
    // The portal explains on a page of its own, with everything that was filled in.
    await forget(item.key);
    form.submit();
  } else {
    await later(item);
  }
}

async function later(item) {
  const stored = !unstored.has(item.key);
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => 0);
  const synced = await worker?.sync?.register('send').then(() => true, () => false);
  if (stored) {
    sessionStorage.removeItem(draft);
    const heading = element('h1', {tabIndex: -1}, TEXTS.stored);
    self.speechSynthesis?.cancel();
    form.replaceWith(element('section', {className: 'card', role: 'status'}, heading,
      element('p', {}, synced ? TEXTS.sentLater : TEXTS.openLater),
      button(TEXTS.sendNow, () => tick(true, true))));
    document.title = `${TEXTS.stored} · Suara Loket`;
    heading.focus();
  } else {
    status.textContent = TEXTS.stayOpen;
  }
  tick();
}

// Try again: in time, when the network is back, when somebody looks at the page.
async function tick(hurry, byHand) {
  clearTimeout(timer);
  if (byHand) for (const item of await ratings()) if (item.told) await keep({...item, told: false});
  const next = await drainAlone(hurry);
  if (mine) {
    const now = (await ratings()).find(item => item.key === mine.key);
    if (now?.receipt) return arrived(now);
  }
  await tell();
  if (next) timer = setTimeout(tick, next);
}

// What became of ratings that were sent from other pages, or before.

const notices = element('div', {role: 'status', className: 'notices'});

async function tell() {
  const lines = [];
  for (const item of await ratings()) {
    const old = Math.abs(Date.now() - item.at) > DAY / 96;
    if (item.key === mine?.key || (item.seen && (old || item.path !== path))) continue;
    const link = (href, text) => element('a', {href, onclick: event => leave(item, event)}, text);
    lines.push(element('p', {className: 'card'},
      say(item.receipt ? TEXTS.sent : item.refused ? TEXTS.tooOld : TEXTS.waiting, item.place), ' ',
      item.receipt && link(item.receipt, TEXTS.seeReceipt),
      item.refused && link(item.path, TEXTS.fillAgain)));
  }
  notices.replaceChildren(...lines);
}

// Its notice was read; it is gone before the page is. The answers of a form that was refused go into
// the new one: neither its token nor what caught it as a machine.
async function leave(item, event) {
  event.preventDefault();
  if (item.refused) draw(`draft ${item.path}`,
    [...new URLSearchParams(item.body)].filter(([name]) => ANSWERS.test(name)));
  await forget(item.key);
  location = event.target.href;
}

// What is filled in outlives a reload and a lost tab, for an hour, in this tab alone.

const draft = `draft ${path}`;
const labelOf = field => field.closest('label')?.textContent.trim();
const ANSWERS = /^(overall|ramah|cakap|cekatan|cause|service|who|day|comment)$/;
const written = () => [...form.elements].filter(field =>
  ANSWERS.test(field.name) && (field.type === 'radio' ? field.checked : field.value));

const remember = () =>
  draw(draft, written().map(field => [field.name, field.value, labelOf(field)]));

function draw(name, fields) {
  try {
    sessionStorage.setItem(name, JSON.stringify({at: Date.now(), fields}));
  } catch {
    // full or forbidden: the form itself still holds it
  }
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(draft) || '{}');
  if (!(Math.abs(Date.now() - kept.at) < DAY / 24)) return sessionStorage.removeItem(draft);
  if (form.querySelector('[checked]:not([name=who])')) return;
  for (const [name, value, label] of kept.fields) {
    for (const field of form.elements) {
      // Whom it is about is asked anew when the form names somebody else now.
      if (field.name !== name || (name === 'who' && labelOf(field) !== label)) continue;
      if (field.type !== 'radio') field.value = value;
      else if (field.value === value) field.checked = true;
      else continue;
      const folded = field.closest('details');
      if (folded) folded.open = true;
    }
  }
}

// A copy of this page for the next visit without network. It names nobody: who will be on duty
// then is not known now, so it is sent as the spare of this form and counts for the office.

async function shelve() {
  const shelf = await caches.open(SHELF);
  const style = new TextEncoder().encode(document.querySelector('style').textContent);
  const hash = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', style))));
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'X-Kept': Date.now(),
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${hash}'; script-src 'self'; `
      + "connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  };
  const put = (where, root) =>
    shelf.put(where, new Response(`<!doctype html>${root.outerHTML}`, {headers}));
  const source = document.querySelector('script').src;
  const script = await fetch(source);
  await shelf.put(source, new Response(await script.text(), {
    headers: {...headers, 'Content-Type': 'text/javascript; charset=utf-8'},
  }));
  asServed.querySelectorAll('[data-named], [role=alert]').forEach(part => part.remove());
  if (/^\/(n\/[^/]{8}|find\/[\d/]+)$/.test(path)) {
    asServed.querySelectorAll('[checked]').forEach(field => field.removeAttribute('checked'));
    asServed.querySelectorAll('[selected]').forEach(field => field.removeAttribute('selected'));
    asServed.querySelector('textarea').textContent = '';
    asServed.querySelector('form').prepend(
      element('input', {type: 'hidden', name: 'spare', defaultValue: '1'}),
      element('p', {className: 'card'}, TEXTS.spare));
    await put(path, asServed);
  }
  const body = asServed.querySelector('main');
  asServed.querySelector('title').textContent = `${TEXTS.offline} · Suara Loket`;
  body.replaceChildren(element('section', {className: 'card'},
    element('h1', {}, TEXTS.offline), element('p', {}, TEXTS.offlineNext),
    element('a', {href: '', className: 'button'}, TEXTS.again)));
  [...body.attributes].forEach(attribute => body.removeAttribute(attribute.name));
  await put('/offline', asServed);
}

// Read aloud, with a voice of the phone's own. Javanese and Sundanese are read by an Indonesian
// voice where there is none of theirs.

function listen() {
  const lang = document.documentElement.lang;
  const languages = lang === 'en' ? [lang] : [lang, 'id', 'in'];
  const voice = languages
    .map(code => speechSynthesis.getVoices().find(one => one.lang.toLowerCase().startsWith(code)))
    .find(Boolean);
  const header = main.querySelector('header');
  if (!voice || !header || document.querySelector('.listen')) return;
  const read = () => {
    // What stands there now: the question, or what became of the answer.
    const parts = main.querySelectorAll('.who small,.who b,[data-named]>fieldset>*,.bad,h1,h1+p,.faces span');
    const speech = new SpeechSynthesisUtterance([...parts].map(part => part.textContent).join('. '));
    Object.assign(speech, {voice, lang: voice.lang, rate: 0.9});
    speechSynthesis.cancel();
    speechSynthesis.speak(speech);
  };
  header.append(Object.assign(button(TEXTS.listen, read), {className: 'quiet listen'}));
  header.lastChild.insertAdjacentHTML('afterbegin', '<svg viewBox="0 0 24 20" aria-hidden="true">'
    + '<path d="M3 7v6h4l5 4V3L7 7zM16 7q2 3 0 6M19 4q5 6 0 12"/></svg>');
}

// Start.

main.querySelector('nav')?.after(notices);
if (!notices.isConnected) main.prepend(notices);
if (form) {
  form.addEventListener('submit', submit);
  form.addEventListener('input', remember);
  form.append(status);
  try {
    restore();
  } catch {
    // a draft that cannot be read is none
  }
  // A page that came by switching the language reloads without asking to send again.
  history.replaceState(null, '', location.href);
  addEventListener('load', () => {
    if (!self.caches || !navigator.serviceWorker) return;
    navigator.serviceWorker.register('/sw.js').catch(() => 0);
    if (!form.elements.spare) shelve().catch(() => 0);
  });
}
if (self.speechSynthesis) {
  listen();
  speechSynthesis.addEventListener?.('voiceschanged', listen);
}
if (voices) voices.onmessage = () => tick();
addEventListener('online', () => tick(true));
addEventListener('visibilitychange', () => document.visibilityState === 'visible' && tick(true));
addEventListener('pageshow', () => tick(true));
