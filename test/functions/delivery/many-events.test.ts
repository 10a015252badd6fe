import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { deliverBatch } from '../../../functions/delivery/deliver-batch.ts';
import { enqueueWebhookEvents } from '../../../functions/delivery/enqueue-webhook-event.ts';
import { RETRY_DELAYS_MS } from '../../../shared/webhooks/retry-schedule.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import type { Reaction, WebhookReceiver } from '../../harness/webhook-receiver.ts';
import { type DeliveryFixture, startDelivery } from './delivery-fixture.ts';

/** The long form asks for a thousand. */
const EVENTS = Number(process.env['EVENTS'] ?? 300);
const SESSIONS = 20;
const KILLED_AFTER = 0.3 * EVENTS;
const REVIVED_AFTER_BATCHES = 4;
const CONSUMER_DIES_IN_BATCH = 0.02 * EVENTS;
const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

let fixture: DeliveryFixture;
let receiver: WebhookReceiver;
/** Every POST that left, whether or not it was received: the event's id, and when. */
const posted: { id: string; at: number }[] = [];
let onPost: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  fixture = await startDelivery({
    wrapFetch: (inner) => async (request) => {
      posted.push({ id: request.headers['webhook-id'] ?? '', at: fixture.clock.now });
      await onPost();
      return await inner(request);
    },
  });
  receiver = fixture.receiver;
});
afterEach(() => vi.useRealTimers());
afterAll(async () => {
  await fixture.close();
});

/** A generator of our own (mulberry32), so that every run sees the same misfortune. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function createWebhook(): Promise<WebhookItem> {
  const { userId } = await fixture.plane.signUp();
  const about = { events: ['*' as const], sessionIds: null, active: true, secret: SECRET };
  const created = await fixture.deps.stores.webhooks.create(userId, { url: receiver.url, ...about });
  if (created === undefined) throw new Error('no webhook was created');
  return created;
}

/** Ids of all events in the order they happened, by session. */
async function enqueueAll(webhook: WebhookItem): Promise<Map<string, number[]>> {
  const bySession = new Map<string, number[]>();
  for (let start = 0; start < EVENTS; start += 10) {
    const events = Array.from({ length: 10 }, (_, offset) => {
      const number = start + offset;
      const sessionId = `tenant-${number % SESSIONS}`;
      bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), number]);
      const at = new Date(fixture.clock.now + number).toISOString();
      return { id: `event-${number}`, type: 'message.received' as const, sessionId, at, data: { number } };
    });
    await enqueueWebhookEvents(fixture.deps, webhook.userId, events);
  }
  return bySession;
}

async function statuses({ webhookId }: WebhookItem): Promise<string[]> {
  const items = await fixture.deps.stores.deliveries.list(webhookId, { limit: EVENTS + 1 });
  return items.map(({ status }) => status);
}

it(`${EVENTS} events reach a receiver that fails at random and is killed once, through a consumer that dies: all of them, signed, in order on first attempts`, async () => {
  const webhook = await createWebhook();
  const bySession = await enqueueAll(webhook);
  const random = seededRandom(2026);
  const misfortune: readonly Reaction[] = [500, 'hang', 'reset'];
  receiver.react(() => (random() < 0.3 ? (misfortune[Math.floor(random() * 3)] ?? 500) : 200));

  let posts = 0;
  onPost = async () => {
    posts += 1;
    // Requests take their time, so that the breaker's half minute passes.
    fixture.clock.now += 400;
    if (posts === KILLED_AFTER) {
      await receiver.kill();
      killedInBatch = batches;
    }
  };
  let batches = 0;
  let killedInBatch = Number.POSITIVE_INFINITY;
  await fixture.drain(async (event) => {
    batches += 1;
    // While the breaker is open nothing is posted, and time passes all the same.
    fixture.clock.now += 4_000;
    if (batches === killedInBatch + REVIVED_AFTER_BATCHES) await receiver.revive();
    const answer = await deliverBatch(fixture.deps, event);
    if (batches !== CONSUMER_DIES_IN_BATCH) return answer;
    return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await receiver.revive();
  const firstAttempts = posted.map(({ id }) => id);

  for (const delay of RETRY_DELAYS_MS) await fixture.later(delay * 1.2 + 60_000);
  expect((await statuses(webhook)).filter((status) => status !== 'delivered')).toEqual([]);
  expect(await statuses(webhook)).toHaveLength(EVENTS);

  const taken = receiver.received.filter(({ answered }) => answered === 200);
  const numbers = new Set(taken.map(({ data }) => data['number']));
  expect(numbers.size).toBe(EVENTS);

  const numberOf = new Map(receiver.received.map(({ id, data }) => [id, Number(data['number'])]));
  const attempted = [...new Set(firstAttempts)].flatMap((id) => numberOf.get(id) ?? []);
  for (const [session, expected] of bySession) {
    const order = attempted.filter((number) => `tenant-${number % SESSIONS}` === session);
    expect(order).toEqual(expected.filter((number) => order.includes(number)));
  }
  expect(attempted.length).toBeGreaterThan(EVENTS * 0.9);

  const timeOf = Map.groupBy(posted, ({ id }) => id);
  const library = new Webhook(SECRET);
  vi.useFakeTimers({ toFake: ['Date'] });
  for (const { headers, body, id } of receiver.received) {
    vi.setSystemTime(Number(headers['webhook-timestamp']) * 1_000);
    expect(library.verify(body, headers)).toMatchObject({ id });
    expect(timeOf.has(id)).toBe(true);
  }
}, 300_000);
