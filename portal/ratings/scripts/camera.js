// Read a counter's code with the camera, where the browser itself can read QR codes.
const field = document.querySelector('form[action="/find"]');
const say = document.createElement('p');
const video = document.createElement('video');
const button = document.createElement('button');
let stream;

Object.assign(say, {className: 'mid', role: 'status'});
Object.assign(video, {autoplay: true, muted: true, playsInline: true, hidden: true, ariaLabel: TEXTS.picture});
Object.assign(button, {type: 'button', className: 'quiet', textContent: TEXTS.open, onclick: () => stream ? close() : open()});

function close() {
  stream?.getTracks().forEach(track => track.stop());
  stream = null;
  video.hidden = true;
  button.textContent = TEXTS.open;
}

async function open() {
  say.textContent = '';
  try {
    stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment'}});
    video.srcObject = stream;
    video.hidden = false;
    button.textContent = TEXTS.close;
    say.textContent = TEXTS.aim;
  } catch {
    close();
    say.textContent = TEXTS.none;
    return;
  }
  look(new BarcodeDetector({formats: ['qr_code']}), stream);
}

// Four times a second, until a code of ours is read or the camera is closed.
async function look(detector, mine) {
  if (stream !== mine) return;
  const found = await detector.detect(video).catch(() => []);
  for (const {rawValue} of found) {
    const path = ours(rawValue);
    if (path && stream === mine) {
      close();
      say.textContent = TEXTS.found;
      location.assign(path);
      return;
    }
    say.textContent = TEXTS.foreign;
  }
  setTimeout(look, 250, detector, mine);
}

// Where a code of this portal leads: never to another site, whatever the code says.
function ours(text) {
  try {
    const {host, pathname} = new URL(text);
    return host === location.host && /^\/n(\/\w+){1,2}$|^\/t\/\w+$/i.test(pathname) && pathname;
  } catch {
    return false;
  }
}

if (navigator.mediaDevices && (await self.BarcodeDetector?.getSupportedFormats())?.includes('qr_code')) {
  field.after(button, say, video);
  addEventListener('pagehide', close);
}
