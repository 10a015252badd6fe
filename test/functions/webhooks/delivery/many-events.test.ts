import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { deliverBatch } from '../../../../functions/webhooks/delivery/deliver-batch.ts';
import { enqueueWebhookEvents } from '../../../../functions/webhooks/delivery/enqueue-webhook-event.ts';
import type { DeliveryItem } from '../../../../shared/webhooks/delivery/delivery-item.ts';
import { RETRY_DELAYS_MS } from '../../../../shared/webhooks/delivery/retry-schedule.ts';
import type { WebhookItem } from '../../../../shared/webhooks/webhook-item.ts';
import { receivedMessage } from '../../../../testing/control-plane/received-message.ts';
import type { Reaction, WebhookReceiver } from '../../../../testing/harness/webhook-receiver.ts';
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
const attemptedIds = () => new Set(posted.map(({ id }) => id));

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

/** Of its twelve attempts: the others are for the kill, and for what the breaker holds back. */
const MISFORTUNES_AT_MOST = 5;

/**
 * What an event meets on its nth visit: a share of 30 % goes wrong, in three ways. It follows from the event and
 * not from the order of arrival, so that every run sees the same misfortune, however its requests interleave.
 */
function misfortune(event: unknown, visit: number): Reaction {
  if (visit > MISFORTUNES_AT_MOST) return 200;
  const draw = createHash('sha256').update(`2026 ${event} ${visit}`).digest().readUInt32BE(0) / 2 ** 32;
  if (draw >= 0.3) return 200;
  return draw < 0.1 ? 500 : draw < 0.2 ? 'hang' : 'reset';
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
      return receivedMessage(`event-${number}`, { sessionId, at, content: String(number) });
    });
    await enqueueWebhookEvents(fixture.deps, webhook.userId, events);
  }
  return bySession;
}

const records = ({ webhookId }: WebhookItem) =>
  fixture.deps.stores.deliveries.list(webhookId, { limit: EVENTS + 1 });

const wasHeldBack = ({ attempts }: DeliveryItem) =>
  attempts[0]?.error?.startsWith('Not attempted: the endpoint has just let') === true;

it(`${EVENTS} events reach a receiver that fails at random and is killed once, through a consumer that dies: all of them, signed, in order on first attempts`, async () => {
  const webhook = await createWebhook();
  const bySession = await enqueueAll(webhook);
  const visits = new Map<string, number>();
  receiver.react(({ id, data }) => {
    const visit = (visits.get(id) ?? 0) + 1;
    visits.set(id, visit);
    return misfortune(Number(data['content']), visit);
  });

  onPost = async () => {
    // Requests take their time, so that the breaker's half minute passes.
    fixture.clock.now += 400;
    if (killedInBatch === Number.POSITIVE_INFINITY && attemptedIds().size === KILLED_AFTER) {
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
  expect(killedInBatch).toBeLessThan(Number.POSITIVE_INFINITY);
  const firstAttempts = attemptedIds();
  const heldBack = (await records(webhook)).filter(wasHeldBack).map(({ deliveryId }) => deliveryId);

  for (const delay of RETRY_DELAYS_MS) await fixture.later(delay * 1.2 + 60_000);
  const settled = await records(webhook);
  expect(settled.filter(({ status }) => status !== 'delivered')).toEqual([]);
  expect(settled).toHaveLength(EVENTS);

  const taken = receiver.received.filter(({ answered }) => answered === 200);
  const numbers = new Set(taken.map(({ data }) => data['content']));
  expect(numbers.size).toBe(EVENTS);

  const numberOf = new Map(receiver.received.map(({ id, data }) => [id, Number(data['content'])]));
  const attempted = [...firstAttempts].flatMap((id) => numberOf.get(id) ?? []);
  for (const [session, expected] of bySession) {
    const order = attempted.filter((number) => `tenant-${number % SESSIONS}` === session);
    expect(order).toEqual(expected.filter((number) => order.includes(number)));
  }
  // The breaker opens after three time-outs in a row, and how they fall together differs from run to run.
  expect(new Set([...firstAttempts, ...heldBack]).size).toBe(EVENTS);
  expect(attempted.length).toBeGreaterThanOrEqual(KILLED_AFTER);

  const timeOf = Map.groupBy(posted, ({ id }) => id);
  const library = new Webhook(SECRET);
  vi.useFakeTimers({ toFake: ['Date'] });
  for (const { headers, body, id } of receiver.received) {
    vi.setSystemTime(Number(headers['webhook-timestamp']) * 1_000);
    expect(library.verify(body, headers)).toMatchObject({ id });
    expect(timeOf.has(id)).toBe(true);
  }
}, 300_000);
