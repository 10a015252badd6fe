import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptDelivery } from '../../../../functions/webhooks/delivery/attempt-delivery.ts';
import { createEndpointBreaker } from '../../../../functions/webhooks/delivery/endpoint-breaker.ts';
import { type LocalObjectStore, startObjectStore } from '../../../../local/services/start-object-store.ts';
import { mediaKey, receivedMediaId } from '../../../../shared/messages/media/media-id.ts';
import type { ObjectBucket } from '../../../../shared/objects/object-reader.ts';
import { NO_BUCKET } from '../../../../shared/objects/open-bucket.ts';
import type { GuardedRequest } from '../../../../shared/outbound/guarded-request.ts';
import type { WebhookItem } from '../../../../shared/webhooks/webhook-item.ts';
import { bucketOf } from '../../../../testing/storage/bucket-of.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const SESSION = 'tenant-1-main';
const MEDIA_ID = receivedMediaId('document', 'a'.repeat(32));
const BYTES = Buffer.from('a file that arrived');
const MEDIA = { mediaId: MEDIA_ID, mimetype: 'application/pdf', filename: 'terms.pdf', sizeBytes: 19 };

let store: LocalObjectStore;
const clock = { now: Date.now() };
beforeAll(async () => {
  store = await startObjectStore(undefined);
  const key = mediaKey(SESSION, MEDIA_ID);
  const url = await bucket().signPut(key, { mimetype: 'text/plain', sizeBytes: 19, expiresS: 60 });
  await fetch(url, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: BYTES });
});
afterAll(() => store.close());

const bucket = (): ObjectBucket => bucketOf(store, { now: () => clock.now });

/** One attempt at delivering a received message with this file; what the endpoint got. */
async function deliver(media: unknown, objects = bucket()) {
  const requests: GuardedRequest[] = [];
  const deps = {
    objects,
    breaker: createEndpointBreaker(() => clock.now),
    now: () => clock.now,
    log: pino({ level: 'silent' }),
    fetchOutside: async (request: GuardedRequest) => {
      requests.push(request);
      return { outcome: 'answered' as const, status: 200, headers: {}, body: Buffer.alloc(0) };
    },
  };
  const webhook = { webhookId: 'w', url: 'https://example.com/hook', secret: SECRET } as WebhookItem;
  const data = media === undefined ? { id: 'M1' } : { id: 'M1', media };
  const payload = JSON.stringify({ id: 'd', type: 'message.received', sessionId: SESSION, data });
  const { delivered } = await attemptDelivery(deps, webhook, {
    deliveryId: 'd',
    type: 'message.received',
    payload,
  });
  expect(delivered).toBe(true);
  const [{ body = '', headers } = { headers: {} }] = requests;
  return { body, headers, payload, media: JSON.parse(body).data.media };
}

describe('a received file in a webhook', () => {
  it('has a URL that gives the very bytes, under its name, inside what is signed', async () => {
    const { body, headers, media } = await deliver(MEDIA);
    expect(media).toEqual({ ...MEDIA, url: expect.stringMatching(/^http/) });
    const file = await fetch(media.url);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(BYTES);
    expect(new URL(media.url).searchParams.get('response-content-disposition')).toContain('terms.pdf');
    expect(() => new Webhook(SECRET).verify(body, headers)).not.toThrow();
  });

  it('has a live URL at each attempt, however long after the first', async () => {
    const expiryOf = (url: string) => {
      const { searchParams } = new URL(url);
      const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? [];
      const iso = `${day?.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')}T${time?.replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3')}Z`;
      return Date.parse(iso) + Number(searchParams.get('X-Amz-Expires')) * 1000;
    };
    const first = await deliver(MEDIA);
    clock.now += 20 * 3_600_000;
    const later = await deliver(MEDIA);
    expect(expiryOf(first.media.url)).toBeLessThan(clock.now);
    expect(expiryOf(later.media.url)).toBeGreaterThan(clock.now);
    clock.now -= 20 * 3_600_000;
  });

  it('has none where the file was not kept, and says why', async () => {
    const { media } = await deliver({ ...MEDIA, error: 'The file is larger than this gateway keeps.' });
    expect(media).not.toHaveProperty('url');
    expect(media).toHaveProperty('error');
  });

  it('goes without where no bucket is set up', async () => {
    expect((await deliver(MEDIA, NO_BUCKET)).media).toEqual(MEDIA);
  });

  it('leads nowhere else, whatever a worker calls a file', async () => {
    for (const mediaId of ['../../sessions/x/auth/1/snapshot', 'i/../..', ''])
      expect((await deliver({ ...MEDIA, mediaId })).media).not.toHaveProperty('url');
  });
});

it('an event without a file leaves as it is', async () => {
  const { body, payload } = await deliver(undefined);
  expect(body).toBe(payload);
});
