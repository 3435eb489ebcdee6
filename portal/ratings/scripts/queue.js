// Ratings that were sent from this phone and are not acknowledged yet. Shared by page and worker.
// Each carries its form's signed token, so the portal counts it once however often it arrives.
const SHELF = 'loket-1';
const DAY = 864e5;
const LONGEST_WAIT = 3e5;
// Where the phone cannot store anything, ratings wait here while the page stays open.
const unstored = new Map();
const voices = self.BroadcastChannel && new BroadcastChannel('loket');

async function inStore(mode, work) {
  const base = await new Promise((done, fail) => {
    const ask = indexedDB.open('loket', 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore('ratings', {keyPath: 'key'});
    ask.onsuccess = () => done(ask.result);
    ask.onerror = ask.onblocked = fail;
  });
  try {
    return await new Promise((done, fail) => {
      // Strict: 'stored' is said only when it would survive the phone going dark.
      const change = base.transaction('ratings', mode, {durability: 'strict'});
      const asked = work(change.objectStore('ratings'));
      change.oncomplete = () => done(asked.result);
      change.onabort = fail;
    });
  } finally {
    base.close();
  }
}

async function keep(item) {
  try {
    await inStore('readwrite', store => store.put(item));
    unstored.delete(item.key);
    return true;
  } catch {
    unstored.set(item.key, item);
    return false;
  }
}

async function forget(key) {
  unstored.delete(key);
  await inStore('readwrite', store => store.delete(key)).catch(() => 0);
}

async function ratings() {
  const stored = await inStore('readonly', store => store.getAll()).catch(() => []);
  return [...stored, ...unstored.values()];
}

// Milliseconds until this one may be tried; a clock that was set back makes nothing wait longer.
const wait = item => Math.min(Math.max((item.next || 0) - Date.now(), 0), item.longest || LONGEST_WAIT);

// One try. A rating is acknowledged by 201 alone: whatever else answers, perhaps the sign-in page
// of a Wi-Fi, has not stored it.
async function send(item) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 25e3);
  let pause = 0;
  try {
    const waited = Math.round((Date.now() - item.at) / 1000);
    const answer = await fetch(item.path, {
      method: 'POST',
      body: `${item.body}&waited=${waited}`,
      headers: {'Accept': 'application/json', 'Content-Type': 'application/x-www-form-urlencoded'},
      signal: stop.signal,
    });
    if (answer.status === 201) item.receipt = answer.headers.get('Location');
    else if ([400, 404, 410, 413, 422].includes(answer.status)) item.refused = true;
    else pause = answer.headers.get('Retry-After') * 1000 || 0;
  } catch {
    // no network, or no answer in time: it may have arrived all the same
  } finally {
    clearTimeout(timer);
  }
  if (item.receipt) item.body = ''; // nobody needs it on this phone any more
  // Its notice stands for some days from now, however long it had waited.
  if (item.receipt || item.refused) item.at = Date.now();
  else {
    item.tries += 1;
    const backOff = Math.min(LONGEST_WAIT, 2000 * 2 ** item.tries) * (0.5 + Math.random() / 2);
    // Told to wait by the portal: a little later than it said, not all phones at once.
    item.told = pause > 0;
    item.longest = Math.max(LONGEST_WAIT, pause * 1.5);
    item.next = Date.now() + Math.max(backOff, pause * (1 + Math.random() / 2));
  }
  await keep(item);
  if (item.receipt || item.refused) voices?.postMessage(item.key);
  return item;
}

// Send all that is due. In a hurry (the network is back) only what the portal told to wait waits.
// Answers with the milliseconds until the next one is due, 0 when none is left.
async function drain(hurry) {
  const due = [];
  for (const item of await ratings()) {
    if (item.receipt || item.refused) {
      if (Math.abs(Date.now() - item.at) > 8 * DAY) await forget(item.key);
    } else if (!wait(item) || (hurry && !item.told)) due.push(item);
  }
  for (const item of due) await send(item);
  const left = (await ratings()).filter(item => !item.receipt && !item.refused);
  return left.length ? Math.max(1000, Math.min(...left.map(wait))) : 0;
}

// One tab at a time, where the browser can tell.
const drainAlone = hurry =>
  navigator.locks
    ? navigator.locks.request('loket', {ifAvailable: true}, mine => (mine ? drain(hurry) : 5000))
    : drain(hurry);
