import { ERROR_CODES } from '../../../shared/errors/error-codes.ts';
import { WEBHOOK_EVENTS } from '../../../shared/webhooks/event-types.ts';

const QUICK_START = `export GATEWAY=https://api.example.com
curl -X POST "$GATEWAY/api/v1/auth/register" -H 'content-type: application/json' \\
  -d '{"email":"ada@example.com","name":"Ada","password":"a long pass phrase"}'   # data.accessToken
export TOKEN=eyJ…
curl -X POST "$GATEWAY/api/v1/sessions" -H "authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -d '{"name":"Support line"}'                # data.sessionId
export SESSION_ID=…
curl -X POST "$GATEWAY/api/v1/sessions/$SESSION_ID/connect" -H "authorization: Bearer $TOKEN"
curl "$GATEWAY/api/v1/sessions/$SESSION_ID/qr?format=svg" -H "authorization: Bearer $TOKEN" > qr.svg`;

const VERIFY = `import { Webhook } from 'standardwebhooks';
const event = new Webhook(secret).verify(rawBody, request.headers); // throws when it is not from us
// event: { id, type, timestamp, sessionId, data }`;

const errors = Object.entries(ERROR_CODES)
  .map(([code, about]) => {
    const retry = 'retryAfterS' in about ? 'retry after a pause' : '';
    return `<tr><td>${code}</td><td>${about.status}</td><td class="soft">${retry}</td></tr>`;
  })
  .join('');

/** What the route table does not say by itself. */
export const INTRODUCTION = `
<h2 id="start">Getting started</h2>
<p>JSON over HTTP. A success is <code>{ "success": true, "data": … }</code>, a failure
<code>{ "success": false, "error", "code", "requestId" }</code>. Times are ISO-8601 in UTC; phone numbers carry their country code.</p>
<pre><code>${QUICK_START}</code></pre>
<p>Send an <code>Idempotency-Key</code> with every POST that creates or sends: the same key and body give the first answer again for 24 hours,
so a call can be repeated without a second message. Lists take <code>?limit</code> and the <code>cursor</code> of the last answer.</p>
<h2 id="receiving">Receiving webhooks</h2>
<p>Events: ${WEBHOOK_EVENTS.map((each) => `<code>${each}</code>`).join(' ')}.</p>
<p>They are signed after <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>: any of its libraries checks them, over the body exactly as it came.
Each event arrives at least once with one <code>webhook-id</code> on every attempt: keep what you have seen, and drop it when it comes again. Answer 2xx within 10 seconds;
anything else is tried again with growing delays for a day. First attempts keep a session’s order, later ones need not.</p>
<pre><code>${VERIFY}</code></pre>
<h2 id="errors">Errors</h2><table>${errors}</table>`;
