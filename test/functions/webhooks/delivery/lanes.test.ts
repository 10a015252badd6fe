import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deliverBatch } from '../../../../functions/webhooks/delivery/deliver-batch.ts';
import { enqueueWebhookEvents } from '../../../../functions/webhooks/delivery/enqueue-webhook-event.ts';
import { consumeQueue } from '../../../../local/control-plane/consume-queue.ts';
import { LANE_NOTICE_MS, SLOW_AT_A_TIME, SLOW_FOR_MS } from '../../../../shared/webhooks/delivery/lane.ts';
import type { WebhookItem } from '../../../../shared/webhooks/webhook-item.ts';
import { receivedMessage } from '../../../../testing/control-plane/received-message.ts';
import { type DeliveryFixture, startDelivery } from './delivery-fixture.ts';
import { type HoldingReceiver, startHoldingReceiver } from './holding-receiver.ts';

let fixture: DeliveryFixture;
/** Seconds that the endpoint of `startDelivery` takes, on the test's clock. */
let tookS = 0;
let stopConsumers = async (): Promise<void> => {};

beforeEach(async () => {
  tookS = 0;
  fixture = await startDelivery({
    wrapFetch: (inner) => async (request) => {
      // However long this machine takes: nothing here is timed by the clock on the wall.
      const answer = await inner({ ...request, timeoutMs: 3_600_000 });
      fixture.clock.now += tookS * 1_000;
      return answer;
    },
  });
});
afterEach(async () => {
  await stopConsumers();
  await fixture.close();
});

async function holdingReceiver(isHolding: boolean): Promise<HoldingReceiver> {
  const receiver = await startHoldingReceiver(isHolding);
  onTestFinished(() => receiver.close());
  return receiver;
}

async function listen(userId: string, url: string): Promise<WebhookItem> {
  const about = { events: ['*' as const], sessionIds: null, active: true };
  const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
  const created = await fixture.deps.stores.webhooks.create(userId, { url, secret, ...about });
  if (created === undefined) throw new Error('no webhook was created');
  return created;
}

/** Events of a session, numbered; one call each, so that each is a message of its own. */
async function enqueue(userId: string, sessionId: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const at = new Date(Date.parse('2026-11-21T10:00:00.000Z') + number).toISOString();
    const id = `${sessionId}-${number}`;
    const event = receivedMessage(id, { sessionId, at, content: String(number) });
    await enqueueWebhookEvents(fixture.deps, userId, [event]);
  }
}

const sessions = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const NUMBERS = [0, 1, 2];

/** That each session's events came in their order, each once. */
function expectOrder({ arrived }: HoldingReceiver, sessionIds: readonly string[]): void {
  for (const sessionId of sessionIds) {
    const numbers = arrived.flatMap((each) => (each.sessionId === sessionId ? [each.number] : []));
    expect(numbers, sessionId).toEqual(NUMBERS);
  }
}

/**
 * The consumers of both lanes, as the local runtime has them. What is put back is there again at once, after its time on the
 * test's clock; an answer is overdue when the test says so.
 */
function startConsumers() {
  const { deps, queues, clock } = fixture;
  const overdue = new Set<() => void>();
  deps.after = (_, run) => {
    overdue.add(run);
    return () => overdue.delete(run);
  };
  const open = (queueUrl: string) => {
    const real = queues.openReceived(queueUrl);
    return {
      ...real,
      postpone: async (handles: readonly string[], afterS: number) => {
        clock.now += afterS * 1_000;
        await real.postpone(handles, 0);
      },
    };
  };
  const quick = open(queues.urls.deliveries);
  const slow = open(queues.urls.slowDeliveries);
  deps.consumed = (arn = '') =>
    arn.includes('slow') ? { lane: 'slow', received: slow } : { lane: 'quick', received: quick };
  const consumers = [queues.urls.deliveries, queues.urls.slowDeliveries].map((queueUrl) =>
    consumeQueue({
      client: queues.client,
      queueUrl,
      consumers: 32,
      invoke: (event, remainingMs) => deliverBatch(deps, event, remainingMs),
      onError: (error) => deps.log.error({ err: error }, 'the consumer has failed'),
    }),
  );
  stopConsumers = async () => {
    stopConsumers = async () => {};
    await Promise.all(consumers.map((each) => each.stop()));
  };
  return {
    /** What has waited for an answer until now is slow. */
    makeOverdue: () => {
      for (const run of [...overdue]) run();
    },
  };
}

describe('an endpoint that does not answer', () => {
  it('holds up no other tenant: with 20 sessions waiting at a slow one and 20 at one that hangs, a healthy one gets everything', async () => {
    const [quick, slow, hangs] = [
      await holdingReceiver(false),
      await holdingReceiver(true),
      await holdingReceiver(true),
    ];
    const tenants = await Promise.all(
      [quick, slow, hangs].map(
        async ({ url }) => (await listen((await fixture.plane.signUp()).userId, url)).userId,
      ),
    );
    const [healthyUser = '', slowUser = '', hangingUser = ''] = tenants;
    const slowSessions = sessions('slow', 20);
    for (const sessionId of slowSessions) await enqueue(slowUser, sessionId, NUMBERS);
    for (const sessionId of sessions('hangs', 20)) await enqueue(hangingUser, sessionId, NUMBERS);
    const { makeOverdue } = startConsumers();
    await Promise.all([slow.holds(20), hangs.holds(20)]);
    makeOverdue();
    const healthySessions = sessions('healthy', 5);
    for (const sessionId of healthySessions) await enqueue(healthyUser, sessionId, NUMBERS);
    await quick.has(healthySessions.length * NUMBERS.length);
    expectOrder(quick, healthySessions);
    expect([slow.open, hangs.open]).toEqual([20, 20]);
    slow.release();
    hangs.release();
    await slow.has(slowSessions.length * NUMBERS.length);
    expectOrder(slow, slowSessions);
  });

  it('holds up no other webhook of its tenant, for the very same events', async () => {
    const [quick, slow] = [await holdingReceiver(false), await holdingReceiver(true)];
    const { userId } = await fixture.plane.signUp();
    await listen(userId, quick.url);
    await listen(userId, slow.url);
    const all = sessions('tenant', 20);
    for (const sessionId of all) await enqueue(userId, sessionId, NUMBERS);
    const { makeOverdue } = startConsumers();
    await slow.holds(20);
    makeOverdue();
    await quick.has(all.length * NUMBERS.length);
    expectOrder(quick, all);
    expect(slow.open).toBe(20);
    slow.release();
    await slow.has(all.length * NUMBERS.length);
    expectOrder(slow, all);
  });

  it('has few requests open at a time once it is known to be slow', async () => {
    const slow = await holdingReceiver(true);
    const { userId } = await fixture.plane.signUp();
    await listen(userId, slow.url);
    const all = sessions('tenant', 20);
    for (const sessionId of all) await enqueue(userId, sessionId, [0]);
    const { makeOverdue } = startConsumers();
    await slow.holds(20);
    makeOverdue();
    for (const sessionId of all) await enqueue(userId, sessionId, [1, 2]);
    slow.release();
    await slow.has(20 + SLOW_AT_A_TIME.perEndpoint);
    slow.most = 0;
    await slow.has(all.length * NUMBERS.length);
    expect(slow.most).toBeLessThanOrEqual(SLOW_AT_A_TIME.perEndpoint);
    expectOrder(slow, all);
  });
});

describe('an endpoint that takes nine seconds for each answer', () => {
  const numbersReceived = () => fixture.receiver.received.map(({ data }) => Number(data['content']));

  async function slowWebhook(): Promise<WebhookItem> {
    const webhook = await listen((await fixture.plane.signUp()).userId, fixture.receiver.url);
    tookS = 9;
    await enqueue(webhook.userId, 'tenant', [0]);
    await fixture.drain();
    return webhook;
  }
  const marksOf = async ({ userId, webhookId }: WebhookItem) =>
    await fixture.deps.stores.webhooks.get(userId, webhookId);

  function watchSlowLane(): string[] {
    const sent: string[] = [];
    const { slowDeliveries } = fixture.deps.queues;
    fixture.deps.queues.slowDeliveries = {
      send: async (messages) => {
        sent.push(...messages.map(({ body }) => body));
        await slowDeliveries.send(messages);
      },
    };
    return sent;
  }

  it('changes lanes although each answer is a success, and its events stay in order', async () => {
    const sent = watchSlowLane();
    const webhook = await slowWebhook();
    const { slowFrom = '' } = (await marksOf(webhook)) ?? {};
    expect(Date.parse(slowFrom) - fixture.clock.now).toBe(LANE_NOTICE_MS);
    await enqueue(webhook.userId, 'tenant', [1, 2, 3]);
    await fixture.drain();
    expect(sent).toHaveLength(3);
    expect(numbersReceived()).toEqual([0, 1, 2, 3]);
  });

  it('stays in the slow lane for as long as it is slow', async () => {
    const webhook = await slowWebhook();
    for (let number = 1; number < 4; number += 1) {
      fixture.clock.now += 0.6 * SLOW_FOR_MS;
      await enqueue(webhook.userId, 'tenant', [number]);
      await fixture.drain();
    }
    const { slowUntil = '' } = (await marksOf(webhook)) ?? {};
    expect(Date.parse(slowUntil)).toBeGreaterThan(fixture.clock.now);
  });

  it('comes back once it is quick, and nothing overtakes what the slow lane still has', async () => {
    const webhook = await slowWebhook();
    fixture.clock.now += LANE_NOTICE_MS;
    tookS = 0;
    await enqueue(webhook.userId, 'tenant', [1, 2]);
    const sent = watchSlowLane();
    let blocked = 0;
    await fixture.drain(async (event) => {
      const isSlow = event.Records[0]?.eventSourceARN.includes('slow');
      if (!isSlow || blocked === 6) return await deliverBatch(fixture.deps, event);
      // The slow lane has other things to do, beyond the time at which this webhook leaves it.
      blocked += 1;
      if (blocked === 1) {
        fixture.clock.now += 2 * SLOW_FOR_MS;
        await enqueue(webhook.userId, 'tenant', [3, 4]);
      }
      return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    expect(blocked).toBe(6);
    expect(numbersReceived()).toEqual([0, 1, 2, 3, 4]);
    expect(sent.map((body) => JSON.parse(body).kind).filter((kind) => kind !== 'drain-mark')).toEqual([
      'first',
      'first',
    ]);
  });

  it('has its later attempts in the slow lane too, in groups of their own', async () => {
    const webhook = await slowWebhook();
    fixture.receiver.react(() => 500);
    fixture.clock.now += LANE_NOTICE_MS;
    await enqueue(webhook.userId, 'tenant', [1]);
    await fixture.drain();
    const sent = watchSlowLane();
    fixture.receiver.react(() => 200);
    await fixture.later(60_000);
    expect(sent.map((body) => JSON.parse(body).kind)).toEqual(['later']);
    expect(numbersReceived()).toEqual([0, 1, 1]);
  });

  it('gives up what has waited for longer than a day, where its tenant sees it', async () => {
    const webhook = await slowWebhook();
    fixture.clock.now += LANE_NOTICE_MS;
    await enqueue(webhook.userId, 'tenant', [1]);
    let first = true;
    await fixture.drain(async (event) => {
      if (first && event.Records[0]?.eventSourceARN.includes('slow')) {
        first = false;
        fixture.clock.now += 30 * 3_600_000;
      }
      return await deliverBatch(fixture.deps, event);
    });
    expect(numbersReceived()).toEqual([0]);
    const { webhookId } = webhook;
    const deliveries = await fixture.deps.stores.deliveries.list(webhookId, { limit: 10 });
    const late = deliveries.find(({ status }) => status === 'failed');
    expect(late?.attempts[0]?.error).toContain('waited for over a day');
    expect(await marksOf(webhook)).toMatchObject({ active: true });
  });
});
