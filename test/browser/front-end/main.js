// A front end in little: it has an access token, makes a session, and shows its QR until a phone has scanned it.
import { connectLive } from './connect-live.mjs';

const given = new URLSearchParams(location.hash.slice(1));
const [api, token] = [given.get('api'), given.get('token')];
const shown = { status: '', qrString: '', picture: 0, remaining: '' };
const waiting = new Set();

function show(changes) {
  Object.assign(shown, changes);
  document.querySelector('#status').textContent = shown.status;
  for (const look of waiting) look();
}

/** For whoever watches: what is shown, as soon as it is as they want it. */
window.shownWhen = (fits) =>
  new Promise((resolve) => {
    const look = () => {
      if (!fits(shown)) return;
      waiting.delete(look);
      resolve({ ...shown });
    };
    waiting.add(look);
    look();
  });

async function call(method, path, body) {
  const response = await fetch(`${api}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  show({ remaining: response.headers.get('ratelimit-remaining') ?? shown.remaining });
  return answer.data;
}

const image = document.querySelector('#qr');
/** One after another: a picture that is replaced while it is decoded would fail. */
let drawn = Promise.resolve();
function showQr({ qrCode, qrString }) {
  drawn = drawn.then(async () => {
    image.src = qrCode;
    await image.decode();
    show({ qrString, picture: image.naturalWidth });
  });
}

const { websocketUrl } = await call('GET', '/config');
const { sessionId } = await call('POST', '/sessions', { name: 'Front end' });
connectLive({
  websocketUrl,
  token: () => token,
  sessionId,
  onEvent({ event, data }) {
    if (event === 'subscribed') call('POST', `/sessions/${sessionId}/connect`);
    if (event === 'qr_code_update') showQr(data);
    if (event === 'session_status_update') show({ status: data.status });
  },
});
