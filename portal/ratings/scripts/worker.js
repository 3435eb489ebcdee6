// The worker: opens counters that were opened before when there is no network, and sends what waits.
// It touches the citizens' pages only; those of staff never pass through it.
const PATIENCE = 8000;
const SPARE_AGE = 7 * DAY; // a form is accepted for 8 days; one day stays for the sending

const age = kept => Math.abs(Date.now() - kept.headers.get('X-Kept'));

async function onShelf(path, oldest) {
  const kept = await caches.match(path);
  return kept && age(kept) < oldest ? kept : undefined;
}

// A code as printed or typed (/N/7k3m-9qxa) leads to the page as it was kept (/n/7K3M9QXA).
const keptAs = path =>
  path.replace(/^\/n\/([^/]+).*/i, (_, code) =>
    '/n/' + code.toUpperCase().replace(/-/g, '').replace(/[IL]/g, '1').replace(/O/g, '0'));

async function page(request) {
  const online = fetch(request);
  online.catch(() => 0);
  const kept = await onShelf(keptAs(new URL(request.url).pathname), SPARE_AGE);
  const otherwise = async () => kept || (await onShelf('/offline', 400 * DAY)) || Response.error();
  if (!kept) return online.catch(otherwise);
  const patience = new Promise(done => setTimeout(done, PATIENCE, kept));
  const answer = await Promise.race([online, patience]).catch(otherwise);
  return answer.status < 500 ? answer : kept;
}

// Pages kept by an earlier version bring their own script, kept beside them at the same moment.
// Other shelves are those of kiosk and display on the same tablet, and stay.
async function tidy() {
  const shelf = await caches.open(SHELF);
  for (const request of await shelf.keys()) {
    const kept = await shelf.match(request);
    if (age(kept) > 8 * DAY && !request.url.endsWith('/offline')) await shelf.delete(request);
  }
}

addEventListener('install', () => skipWaiting());
addEventListener('activate', event => event.waitUntil(tidy().then(() => clients.claim())));
addEventListener('sync', event =>
  event.waitUntil(drainAlone(true).then(left => left && Promise.reject(Error('not all sent')))));
addEventListener('fetch', event => {
  const {request} = event;
  const {pathname} = new URL(request.url);
  if (request.method !== 'GET') return;
  if (pathname.startsWith('/script/'))
    event.respondWith(caches.match(request).then(kept => kept || fetch(request)));
  else if (request.mode === 'navigate' && /^\/($|find|[nt]\/)/i.test(pathname)) {
    event.respondWith(page(request));
    event.waitUntil(tidy());
  }
});
