import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Deps } from '../../../../functions/deps.ts';
import { deliverBatch } from '../../../../functions/webhooks/delivery/deliver-batch.ts';
import { deliverMessage } from '../../../../functions/webhooks/delivery/deliver-message.ts';
import { enqueueWebhookEvents } from '../../../../functions/webhooks/delivery/enqueue-webhook-event.ts';
import type { GatewayEvent } from '../../../../shared/events/registry.ts';
import { deliveryKey } from '../../../../shared/webhooks/delivery/delivery-item.ts';
import { RETRY_DELAYS_MS } from '../../../../shared/webhooks/delivery/retry-schedule.ts';
import type { WebhookItem } from '../../../../shared/webhooks/webhook-item.ts';
import { receivedMessage, type TextReceived } from '../../../../testing/control-plane/received-message.ts';
import type { WebhookReceiver } from '../../../../testing/harness/webhook-receiver.ts';
import { type DeliveryFixture, startDelivery } from './delivery-fixture.ts';

let fixture: DeliveryFixture;
let receiver: WebhookReceiver;

beforeEach(async () => {
  fixture = await startDelivery();
  receiver = fixture.receiver;
});
afterEach(async () => {
  vi.useRealTimers();
  await fixture.close();
});

const HOUR = 3_600_000;
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
let events = 0;

function event(more: Partial<TextReceived> = {}) {
  events += 1;
  const at = new Date(fixture.clock.now).toISOString();
  return receivedMessage(`event-${events}`, { sessionId: 'tenant-one', at, ...more });
}

async function create(more: Partial<WebhookItem> = {}): Promise<WebhookItem> {
  const { userId } = await fixture.plane.signUp();
  const webhook = {
    url: receiver.url,
    events: ['*' as const],
    sessionIds: null,
    active: true,
    secret: SECRET,
  };
  const created = await fixture.deps.stores.webhooks.create(userId, { ...webhook, ...more });
  if (created === undefined) throw new Error('no webhook was created');
  return created;
}

const enqueue = ({ userId }: WebhookItem, ...some: GatewayEvent[]) =>
  enqueueWebhookEvents(fixture.deps, userId, some);

async function onlyDelivery({ webhookId }: WebhookItem) {
  const [found, ...others] = await fixture.deps.stores.deliveries.list(webhookId, { limit: 10 });
  expect(others).toEqual([]);
  if (found === undefined) throw new Error('there is no delivery');
  return found;
}

/** The deps of a process that dies where `die` says: what comes after it never happens. */
const dying = (more: (deps: Deps) => Partial<Deps>): Deps => ({ ...fixture.deps, ...more(fixture.deps) });
const death = async (): Promise<never> => {
  throw new Error('the process died here');
};

describe('an event', () => {
  it('is signed so that the Standard Webhooks library takes it, and nothing altered', async () => {
    const webhook = await create();
    await enqueue(webhook, event({ content: 'grüß dich ✓' }));
    await fixture.drain();
    const { body, headers, id } = await receiver.next(() => true);
    vi.useFakeTimers({ toFake: ['Date'], now: fixture.clock.now });
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ id, data: { content: 'grüß dich ✓' } });
    expect(headers['webhook-id']).toBe(id);
    expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow();
    expect(() =>
      new Webhook(`whsec_${Buffer.alloc(32, 2).toString('base64')}`).verify(body, headers),
    ).toThrow();
  });

  it('is signed with the secret that was replaced too, for a day', async () => {
    const webhook = await create();
    const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    await fixture.deps.stores.webhooks.update(webhook, { secret });
    await enqueue(webhook, event());
    await fixture.drain();
    const first = await receiver.next(() => true);
    expect(first.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    fixture.clock.now += 25 * HOUR;
    await enqueue(webhook, event());
    await fixture.drain();
    const second = await receiver.next(({ id }) => id !== first.id);
    expect(second.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    vi.useFakeTimers({ toFake: ['Date'], now: fixture.clock.now });
    expect(new Webhook(secret).verify(second.body, second.headers)).toMatchObject({ id: second.id });
  });

  it('reaches those webhooks of its tenant that ask for its type and its session, and no others', async () => {
    const all = await create();
    const { webhooks } = fixture.deps.stores;
    const about = { url: receiver.url, active: true, secret: SECRET, sessionIds: null };
    const add = (more: object) => webhooks.create(all.userId, { ...about, events: ['*'], ...more });
    const mine = await add({ sessionIds: ['tenant-one'] });
    await add({ sessionIds: ['tenant-two'] });
    const typed = await add({ events: ['message.received'] });
    await add({ events: ['message.sent'] });
    await add({ active: false });
    const foreign = await create();
    await enqueue(all, event());
    await fixture.drain();
    const told = await Promise.all(
      [...(await webhooks.list(all.userId)), foreign].map(async ({ webhookId }) =>
        (await fixture.deps.stores.deliveries.list(webhookId, { limit: 1 })).length > 0 ? [webhookId] : [],
      ),
    );
    expect(told.flat()).toEqual([all.webhookId, mine?.webhookId, typed?.webhookId]);
  });

  it('handed over twice by a worker is one event', async () => {
    const webhook = await create();
    const same = event();
    await enqueue(webhook, same);
    await enqueue(webhook, same);
    await fixture.drain();
    expect(receiver.received).toHaveLength(1);
  });

  it('too large for queue and table arrives with its text cut, and its ids whole', async () => {
    const webhook = await create();
    await enqueue(webhook, event({ id: 'M1', content: 'x'.repeat(300_000) }));
    await fixture.drain();
    const { data } = await receiver.next(() => true);
    expect(data).toMatchObject({ id: 'M1', content: 'x'.repeat(1_000), truncated: true });
  });

  it('fails its caller when the queue does not take it', async () => {
    const webhook = await create();
    const deliveries = { send: death };
    const deps = dying(({ queues }) => ({ queues: { ...queues, deliveries } }));
    await expect(enqueueWebhookEvents(deps, webhook.userId, [event()])).rejects.toThrow();
  });
});

describe('a failed attempt', () => {
  it('leaves the way free for the events behind it, and is repeated under the same id', async () => {
    const webhook = await create();
    const [first, second] = [event(), event()];
    receiver.react(({ data }) => (data['id'] === first?.data.id ? 500 : 200));
    await enqueue(webhook, first, second);
    await fixture.drain();
    expect(receiver.received.map(({ answered }) => answered)).toEqual([500, 200]);
    receiver.react(() => 200);
    await fixture.later(RETRY_DELAYS_MS[0] ?? 0);
    await fixture.later(RETRY_DELAYS_MS[0] ?? 0);
    expect(receiver.received.map(({ data }) => data['id'])).toEqual(
      [first, second, first].map(({ data }) => data['id']),
    );
    expect(receiver.received[2]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id']);
  });

  it('that is claimed twice is posted by the holder of the newer claim only', async () => {
    const webhook = await create();
    receiver.react(() => 500);
    await enqueue(webhook, event());
    await fixture.drain();
    const { userId, webhookId, deliveryId } = await onlyDelivery(webhook);
    const claims = [60_000, 120_000].map((ms) => new Date(fixture.clock.now + ms).toISOString());
    fixture.clock.now += RETRY_DELAYS_MS[0] ?? 0;
    receiver.react(() => 200);
    for (const dueAt of claims) {
      fixture.clock.now += HOUR;
      expect(
        await fixture.deps.stores.deliveries.claim(deliveryKey({ webhookId, deliveryId }), dueAt),
      ).toBeDefined();
    }
    const posted = receiver.received.length;
    for (const dueAt of claims)
      await deliverMessage(fixture.deps, { kind: 'later', userId, webhookId, deliveryId, dueAt }, false);
    expect(receiver.received.length - posted).toBe(1);
  });

  it('waits at least as long as the endpoint asks for', async () => {
    fixture.deps.fetchOutside = async () => ({
      ...{ outcome: 'answered', status: 429, headers: { 'retry-after': '600' }, body: Buffer.alloc(0) },
    });
    const webhook = await create();
    await enqueue(webhook, event());
    await fixture.drain();
    const { dueAt = '' } = await onlyDelivery(webhook);
    expect(Date.parse(dueAt) - fixture.clock.now).toBe(600_000);
  });

  it('is recorded with its status and a head of the answer that is safe to show', async () => {
    fixture.deps.fetchOutside = async () => ({
      outcome: 'answered',
      ...{ status: 302, headers: {}, body: Buffer.from(`\u001b[2J<b>\u202e${'y'.repeat(2_000)}`) },
    });
    const webhook = await create();
    await enqueue(webhook, event());
    await fixture.drain();
    const [attempt] = (await onlyDelivery(webhook)).attempts;
    expect(attempt).toMatchObject({ statusCode: 302, error: expect.stringContaining('Redirects') });
    expect(attempt?.responseHead).toMatch(/^\[2J<b>y+$/);
    expect(attempt?.responseHead?.length).toBeLessThanOrEqual(512);
  });

  it('at the end of the schedule ends in the dead-letter queue, and is replayed from there', async () => {
    const webhook = await create();
    receiver.react(() => 503);
    const sent = event();
    await enqueue(webhook, sent);
    await fixture.drain();
    const began = fixture.clock.now;
    for (const delay of RETRY_DELAYS_MS) await fixture.later(delay * 1.2);
    const failed = await onlyDelivery(webhook);
    expect(failed).toMatchObject({ status: 'failed', failures: RETRY_DELAYS_MS.length + 1 });
    expect(fixture.clock.now - began).toBeGreaterThan(24 * HOUR);
    const letters = await fixture.queues.take(fixture.queues.urls.deadLetters);
    expect(letters.map((letter) => JSON.parse(letter).deliveryId)).toEqual([failed.deliveryId]);
    await fixture.later(24 * HOUR);
    expect(receiver.received).toHaveLength(RETRY_DELAYS_MS.length + 1);

    receiver.react(() => 200);
    const { token } = await signIn(webhook.userId);
    const path = `/api/v1/webhooks/${webhook.webhookId}/deliveries/${failed.deliveryId}/replay`;
    expect((await fixture.plane.call('POST', path, { token })).status).toBe(202);
    await fixture.drain();
    expect((await onlyDelivery(webhook)).status).toBe('delivered');
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([failed.deliveryId]));
  });
});

async function signIn(userId: string): Promise<{ token: string }> {
  const account = await fixture.deps.stores.accounts.findByUserId(userId);
  if (account === undefined) throw new Error('there is no account');
  return { token: (await fixture.deps.accessTokens.issue(account)).accessToken };
}

describe('an endpoint', () => {
  it('that has failed for three days is switched off, and its owner is told', async () => {
    const webhook = await create();
    receiver.react(() => 500);
    for (let day = 0; day < 4; day += 1) {
      await enqueue(webhook, event());
      await fixture.drain();
      fixture.clock.now += 24 * HOUR;
    }
    const after = await fixture.deps.stores.webhooks.get(webhook.userId, webhook.webhookId);
    expect(after).toMatchObject({ active: false, disabledReason: expect.stringContaining('three days') });
    await fixture.sweep();
    await fixture.sweep();
    expect(fixture.mails).toHaveLength(1);
    expect(fixture.mails[0]?.text).toContain(webhook.webhookId);
    const on = after && (await fixture.deps.stores.webhooks.update(after, { active: true }));
    expect(on).toMatchObject({ active: true, disabledReason: null });
  });

  it('that succeeds now and then stays on', async () => {
    const webhook = await create();
    for (let day = 0; day < 8; day += 1) {
      receiver.react(() => (day % 2 === 0 ? 500 : 200));
      await enqueue(webhook, event());
      await fixture.drain();
      fixture.clock.now += 24 * HOUR;
    }
    expect(await fixture.deps.stores.webhooks.get(webhook.userId, webhook.webhookId)).toMatchObject({
      active: true,
    });
  });

  it('that answers 410 is switched off at once', async () => {
    const webhook = await create();
    receiver.react(() => 410);
    await enqueue(webhook, event());
    await fixture.drain();
    expect(await fixture.deps.stores.webhooks.get(webhook.userId, webhook.webhookId)).toMatchObject({
      active: false,
    });
    expect(await onlyDelivery(webhook)).toMatchObject({ status: 'failed' });
  });

  it('owes its notice until a mail has left', async () => {
    const webhook = await create();
    receiver.react(() => 410);
    await enqueue(webhook, event());
    await fixture.drain();
    const { sendMail } = fixture.deps;
    fixture.deps.sendMail = death;
    await fixture.sweep();
    fixture.deps.sendMail = sendMail;
    await fixture.sweep();
    expect(fixture.mails).toHaveLength(1);
  });

  it('that hangs is left alone for a while, and its events go on later', async () => {
    const webhook = await create();
    receiver.react(() => 'hang');
    const some = Array.from({ length: 8 }, () => event());
    await enqueue(webhook, ...some);
    await fixture.drain();
    expect(receiver.received.length).toBeLessThanOrEqual(4);
    receiver.react(() => 200);
    await fixture.later(60_000);
    const deliveries = await fixture.deps.stores.deliveries.list(webhook.webhookId, { limit: 20 });
    expect(deliveries.map(({ status }) => status)).toEqual(some.map(() => 'delivered'));
  });
});

describe('a process that dies', () => {
  const statusAfter = async (webhook: WebhookItem) => (await onlyDelivery(webhook)).status;

  it('after the POST, before writing: the event is posted again under its id', async () => {
    const webhook = await create();
    await enqueue(webhook, event());
    const deps = dying(({ stores }) => ({
      stores: { ...stores, deliveries: { ...stores.deliveries, settleFirst: death } },
    }));
    await fixture.drainAfter(deps);
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(await statusAfter(webhook)).toBe('delivered');
  });

  it('after writing, before telling the queue: nothing is posted again', async () => {
    const webhook = await create();
    await enqueue(webhook, event());
    let died = false;
    await fixture.drain(async (batch) => {
      const answer = await deliverBatch(fixture.deps, batch);
      if (died) return answer;
      died = true;
      return { batchItemFailures: batch.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('in the sweeper between claim and queue: the delivery is due again when the claim ends', async () => {
    const webhook = await create();
    receiver.react(() => 500);
    await enqueue(webhook, event());
    await fixture.drain();
    receiver.react(() => 200);
    const { queues } = fixture.deps;
    fixture.deps.queues = { ...queues, deliveries: { send: death } };
    fixture.clock.now += 60_000;
    await expect(fixture.sweep()).rejects.toThrow('died');
    fixture.deps.queues = queues;
    await fixture.later(1_000);
    expect(await statusAfter(webhook)).toBe('retrying');
    await fixture.later(16 * 60_000);
    expect(await statusAfter(webhook)).toBe('delivered');
  });

  it('between the dead letter and `failed`: it is failed in the end, and replayable', async () => {
    const webhook = await create();
    receiver.react(() => 410);
    await enqueue(webhook, event());
    const deps = dying(({ stores }) => ({
      stores: { ...stores, deliveries: { ...stores.deliveries, settleFirst: death } },
    }));
    await fixture.drainAfter(deps);
    expect(await statusAfter(webhook)).toBe('failed');
  });

  it('holds up no other session, and nothing of its own session overtakes', async () => {
    const webhook = await create();
    const one = [event(), event(), event()];
    const two = [event({ sessionId: 'tenant-two' })];
    await enqueue(webhook, ...one, ...two);
    let died = false;
    await fixture.drain(async (batch) => {
      const deps = dying(({ directory }) => ({
        directory: {
          ...directory,
          find: async (userId: string, webhookId: string) => {
            const first = batch.Records[0]?.attributes.MessageGroupId?.endsWith('tenant-one');
            if (!died && first) {
              died = true;
              return await death();
            }
            return await directory.find(userId, webhookId);
          },
        },
      }));
      return await deliverBatch(deps, batch);
    });
    const numbers = receiver.received.flatMap(({ sessionId, data }) =>
      sessionId === 'tenant-one' ? [data['id']] : [],
    );
    expect(numbers).toEqual(one.map(({ data }) => data['id']));
    expect(receiver.received.some(({ sessionId }) => sessionId === 'tenant-two')).toBe(true);
  });
});
