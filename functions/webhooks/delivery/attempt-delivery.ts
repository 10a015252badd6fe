import type { GuardedAnswer } from '../../../shared/outbound/guarded-request.ts';
import type { DeliveryAttempt, NewDelivery } from '../../../shared/webhooks/delivery/delivery-item.ts';
import { signPayload } from '../../../shared/webhooks/delivery/sign.ts';
import { signingSecrets, type WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { withLiveMedia } from './with-live-media.ts';

export const ATTEMPT_TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 1_024;
const MAX_HEAD_CHARS = 512;

export interface AttemptResult {
  attempt: DeliveryAttempt;
  delivered: boolean;
  /** 410 Gone: the receiver wants nothing more. */
  gone: boolean;
  /** The pause that the receiver asked for; 0 where it asked for none. */
  retryAfterMs: number;
}

/** Makes text safe to show and to log: bounded, without control characters. */
function cleanHead(body: Buffer): string | null {
  const text = body
    .toString('utf8')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this removes them
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffd]/g, '')
    .trim()
    .slice(0, MAX_HEAD_CHARS);
  return text === '' ? null : text;
}

function retryAfterMs(headers: Record<string, string>, now: number): number {
  const given = headers['retry-after'];
  if (given === undefined) return 0;
  const delay = /^\d{1,9}$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - now;
  return Number.isNaN(delay) ? 0 : Math.max(0, delay);
}

function describe(answer: GuardedAnswer): string | null {
  if (answer.outcome !== 'answered') return answer.reason;
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return 'Redirects are not followed; register the final URL.';
  return `The endpoint answered with status ${status}.`;
}

/** Posts one signed event once; every outcome is a value, never an exception. */
export async function attemptDelivery(
  deps: Pick<DeliveryDeps, 'fetchOutside' | 'breaker' | 'now' | 'objects' | 'log'>,
  webhook: WebhookItem,
  delivery: Pick<NewDelivery, 'deliveryId' | 'type' | 'payload'>,
): Promise<AttemptResult> {
  const { fetchOutside, breaker, now } = deps;
  const startedAt = now();
  const at = new Date(startedAt).toISOString();
  if (breaker.isOpen(webhook.webhookId)) {
    const error = 'Not attempted: the endpoint has just let several requests time out.';
    const attempt = { at, statusCode: null, latencyMs: 0, responseHead: null, error };
    return { attempt, delivered: false, gone: false, retryAfterMs: 0 };
  }
  const payload = await withLiveMedia(deps, delivery);
  const answer = await fetchOutside({
    method: 'POST',
    url: webhook.url,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'whatsapp-gateway-webhooks/1',
      ...signPayload(signingSecrets(webhook, startedAt), delivery.deliveryId, startedAt, payload),
    },
    body: payload,
    timeoutMs: ATTEMPT_TIMEOUT_MS,
    maxResponseBytes: MAX_RESPONSE_BYTES,
  });
  breaker.note(webhook.webhookId, answer.outcome === 'timeout');
  const error = describe(answer);
  const answered = answer.outcome === 'answered' ? answer : undefined;
  return {
    attempt: {
      at,
      statusCode: answered?.status ?? null,
      latencyMs: Math.max(0, now() - startedAt),
      responseHead: answered === undefined ? null : cleanHead(answered.body),
      error,
    },
    delivered: error === null,
    gone: answered?.status === 410,
    retryAfterMs: answered === undefined ? 0 : retryAfterMs(answered.headers, now()),
  };
}
