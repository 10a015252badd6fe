import { ERROR_CODES, type ErrorCode } from '../../../shared/errors/error-codes.ts';
import { ADDRESS_RATE, LOGIN_RATE, REQUEST_RATES } from '../../../shared/limits/rates.ts';
import { LIMITS } from '../../../shared/openapi/limits-guide.ts';
import { ERROR_ADVICE } from './error-advice.ts';
import { escapeHtml, renderProse } from './escape-html.ts';
import { ANSWER_EXAMPLES, EVENT_CARDS, jsonBlock } from './event-view.ts';

/** Sections of the guide, in order: anchor and title. */
export const GUIDE_SECTIONS = [
  ['start', 'Getting started'],
  ['receiving', 'Receiving webhooks'],
  ['live', 'Live events over WebSocket'],
  ['events', 'Events'],
  ['limits', 'Limits'],
  ['errors', 'Errors'],
] as const;

const QUICK_START = `export GATEWAY=https://api.example.com
curl -X POST "$GATEWAY/api/v1/auth/register" -H 'content-type: application/json' \\
  -d '{"email":"ada@example.com","name":"Ada","password":"a long pass phrase"}'   # data.accessToken
export TOKEN=eyJ…
curl -X POST "$GATEWAY/api/v1/sessions" -H "authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -d '{"name":"Support line"}'                # data.sessionId
export SESSION_ID=…
curl -X POST "$GATEWAY/api/v1/sessions/$SESSION_ID/connect" -H "authorization: Bearer $TOKEN"
curl "$GATEWAY/api/v1/sessions/$SESSION_ID/qr?format=svg" -H "authorization: Bearer $TOKEN" > qr.svg
# scanned with the phone: status CONNECTED
curl -X POST "$GATEWAY/api/v1/sessions/$SESSION_ID/send" -H "authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -H 'idempotency-key: order-4711' \\
  -d '{"to":"+62 812-3456-7890","type":"text","message":"Hello"}'`;

const VERIFY = `import { Webhook } from 'standardwebhooks';
const event = new Webhook(secret).verify(rawBody, request.headers); // throws when it is not from us
// event: { id, type, timestamp, sessionId, data }`;

const CONNECT = `const socket = new WebSocket(websocketUrl, ['bearer', token]); // websocketUrl: GET /api/v1/config
socket.onopen = () => socket.send(JSON.stringify({ action: 'subscribe', sessionId }));
socket.onmessage = ({ data }) => {
  const { event, data: about } = JSON.parse(data);
  if (event === 'qr_code_update') image.src = about.qrCode;
};`;

const code = (text: string) => `<pre><code>${escapeHtml(text)}</code></pre>`;
const rows = (cells: readonly string[][]) =>
  cells.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
const heading = (anchor: (typeof GUIDE_SECTIONS)[number][0]) =>
  `<h2 id="${anchor}">${GUIDE_SECTIONS.find(([id]) => id === anchor)?.[1] ?? ''}</h2>`;
const example = (anchor: string, name: string, when: string, value: unknown) =>
  `<details id="${anchor}"><summary><code>${name}</code> ${renderProse(when)}</summary><div>${jsonBlock(value)}</div></details>`;

const answers = ANSWER_EXAMPLES.map(({ when, frame }) =>
  example(`live-${frame.event}`, frame.event, when, frame),
).join('');

const perSecond = ({ perSecond: rate, burst }: { perSecond: number; burst: number }) =>
  `${rate} a second, ${burst} at once`;
const limits = rows([['what', 'at most'], ...LIMITS.map((row) => row.map(renderProse))]);
const rates = rows([
  ['tier', 'an account', 'each of its keys'],
  ...Object.entries(REQUEST_RATES).map(([tier, { account, key }]) => [
    tier,
    perSecond(account),
    perSecond(key),
  ]),
]);

const errors = Object.entries(ERROR_CODES)
  .map(([name, about]) => {
    const retry = 'retryAfterS' in about ? ' <span class="pill">retry</span>' : '';
    return `<tr id="error-${name}"><td>${name}</td><td>${about.status}</td><td>${renderProse(ERROR_ADVICE[name as ErrorCode])}${retry}</td></tr>`;
  })
  .join('');

/** What the route table does not say. */
export const INTRODUCTION = `
${heading('start')}
<p>JSON over HTTP. A success is <code>{ "success": true, "data": … }</code>, a failure
<code>{ "success": false, "error", "code", "requestId" }</code>. Times are ISO-8601 in UTC; phone numbers carry their country code.</p>
${code(QUICK_START)}
<p>Send an <code>Idempotency-Key</code> with every POST that creates or sends: the same key and body give the first answer again for 24 hours,
so a call can be repeated without a second message. Lists take <code>?limit</code> and the <code>cursor</code> of the last answer.
A send that WhatsApp has not acknowledged within 20 seconds answers 202 with <code>"status": "pending"</code>: do not send it again, its status follows.</p>
${heading('receiving')}
<p>They are signed after <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>: any of its libraries checks them, over the body exactly as it came.
Each event arrives at least once with one <code>webhook-id</code> on every attempt: keep what you have seen, and drop it when it comes again. Answer 2xx within 10 seconds;
anything else is tried again with growing delays for a day. First attempts keep a session’s order, later ones need not.</p>
${code(VERIFY)}
<p><code>events</code> of a webhook names the <a href="#events">events</a> that it gets; <code>*</code> stands for all of them.</p>
${heading('live')}
<p>For front ends: QR codes, states and messages as they happen. Connect to <code>websocketUrl</code> of <a href="#getConfig">GET /api/v1/config</a> with the
sub-protocols <code>bearer</code> and the token, or with <code>?token=</code> (URLs end up in logs). A wrong token is refused before the socket opens.</p>
${code(CONNECT)}
<p>You send <code>{ "action": "subscribe", "sessionId" }</code> (<code>"*"</code> is every session the token reaches), <code>unsubscribe</code> likewise, and
<code>{ "action": "ping" }</code>. A connection ends after 2 hours, after 10 idle minutes, and with the login’s token it was opened with (15 minutes; an API key has no such end): take a fresh token for each, ping every 5 minutes, reconnect with growing delays, subscribe again.
Your own frames are answered:</p>
<article>${answers}</article>
<p>Every other frame is an <a href="#events">event</a>, <code>{ event, type, id, data, timestamp }</code>: <code>type</code> is its name, and <code>event</code> the same
but for the few that front ends know by an older one. Go by either.</p>
${heading('events')}
<p>Each goes to webhooks and over the WebSocket alike, under one <code>id</code>: told twice, or on both ways, it is the same, so drop what you have seen.
One that is too large (180 KB for webhooks, 100 KB for frames) comes with its long fields cut and <code>"truncated": true</code> in its data; its ids lead to the rest.
Events gain fields: ignore those that you do not know.</p>
${EVENT_CARDS}
${heading('limits')}
<p>Requests are counted by account and by key. Answers say where you stand in <code>RateLimit-Limit</code>, <code>RateLimit-Remaining</code> and
<code>RateLimit-Reset</code>; 429 says in <code>Retry-After</code> when to come back.</p>
<div class="wide"><table>${rates}</table></div>
<p>Public routes of accounts: ${perSecond(ADDRESS_RATE)} from one address. Logging in to one account: ${LOGIN_RATE.burst} attempts at once, then one every
${Math.round(1 / LOGIN_RATE.perSecond)} seconds. A body of JSON has at most 4 MiB; larger files go by <a href="#createMedia">a signed URL</a>. A request is answered within 28 seconds.</p>
<div class="wide"><table>${limits}</table></div>
${heading('errors')}
<p>Go by <code>code</code>; <code>error</code> is a sentence for people. Where it says retry, the same request may go through after the pause that <code>Retry-After</code> names.</p>
<div class="wide"><table>${errors}</table></div>`;
