import { createHmac, randomBytes } from 'node:crypto';

/**
 * Signatures after the Standard Webhooks specification, version 1.0: HMAC-SHA256 over
 * `<webhook-id>.<webhook-timestamp>.<body>`, in base64, with the version before it.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export interface SignedHeaders {
  'webhook-id': string;
  /** Seconds since the epoch. */
  'webhook-timestamp': string;
  'webhook-signature': string;
}

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

function signature(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

/**
 * The headers of one attempt. With several secrets there are several signatures, of which the receiver needs
 * one: so a secret can be replaced without a gap.
 * @param now milliseconds since the epoch
 */
export function signPayload(
  secrets: readonly string[],
  webhookId: string,
  now: number,
  body: string,
): SignedHeaders {
  const timestamp = String(Math.floor(now / 1000));
  const content = `${webhookId}.${timestamp}.${body}`;
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => signature(secret, content)).join(' '),
  };
}
