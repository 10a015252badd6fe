import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Deps } from '../../../../functions/deps.ts';
import { deliverBatch } from '../../../../functions/webhooks/delivery/deliver-batch.ts';
import { enqueueWebhookEvents } from '../../../../functions/webhooks/delivery/enqueue-webhook-event.ts';
import type { GatewayEvent } from '../../../../shared/events/registry.ts';
import { RETRY_DELAYS_MS } from '../../../../shared/webhooks/delivery/retry-schedule.ts';
import { MAX_EVENTS_IN_BATCH } from '../../../../shared/webhooks/schema.ts';
import type { WebhookItem } from '../../../../shared/webhooks/webhook-item.ts';
import { receivedMessage } from '../../../../testing/control-plane/received-message.ts';
import { type DeliveryFixture, startDelivery } from './delivery-fixture.ts';

let fixture: DeliveryFixture;
const SECRET = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;

/** Every request, with its status; the endpoint of `startDelivery` takes single events only. */
let requests: { id: string; body: string; headers: Record<string, string> }[] = [];
let answers: () => Promise<number> = async () => 200;

beforeEach(async () => {
  requests = [];
  answers = async () => 200;
  fixture = await startDelivery({
    wrapFetch:
      () =>
      async ({ headers, body = '' }) => {
        requests.push({ id: headers['webhook-id'] ?? '', body, headers });
        return { outcome: 'answered', status: await answers(), headers: {}, body: Buffer.alloc(0) };
      },
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await fixture.close();
});

async function listen(batch: boolean): Promise<WebhookItem> {
  const { userId } = await fixture.plane.signUp();
  const about = { url: 'https://example.com/hook', events: ['*' as const], sessionIds: null, active: true };
  const created = await fixture.deps.stores.webhooks.create(userId, { ...about, secret: SECRET, batch });
  if (created === undefined) throw new Error('no webhook was created');
  return created;
}

const eventsOf = (sessionId: string, count: number): GatewayEvent[] =>
  Array.from({ length: count }, (_, number) =>
    receivedMessage(`${sessionId}-${number}`, {
      sessionId,
      at: new Date(fixture.clock.now + number).toISOString(),
      content: String(number),
    }),
  );
const numbersIn = (body: string): number[] =>
  [JSON.parse(body)].flat().map(({ data }: { data: { content: string } }) => Number(data.content));
const numbersPosted = () => requests.flatMap(({ body }) => numbersIn(body));
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a webhook that asks for batches', () => {
  it('gets arrays of up to a hundred events of one session, in their order, each with an id of its own', async () => {
    const { userId } = await listen(true);
    await enqueueWebhookEvents(fixture.deps, userId, [...eventsOf('one', 130), ...eventsOf('two', 3)]);
    await fixture.drain();
    const batches = requests.map(({ body }) => JSON.parse(body) as { id: string; sessionId: string }[]);
    const ofOne = batches.filter(([first]) => first?.sessionId === 'one');
    expect(ofOne.map(({ length }) => length)).toEqual([MAX_EVENTS_IN_BATCH, 30]);
    expect(ofOne.flatMap((batch) => numbersIn(JSON.stringify(batch)))).toEqual(range(130));
    expect(batches.filter(([first]) => first?.sessionId === 'two')).toHaveLength(1);
    const ids = [...batches.flat().map(({ id }) => id), ...requests.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(133 + 3);
  });

  it('gets an array also for one event, signed as a whole', async () => {
    const { userId } = await listen(true);
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 1));
    await fixture.drain();
    const [{ body, headers, id } = { body: '', headers: {}, id: '' }] = requests;
    vi.useFakeTimers({ toFake: ['Date'], now: fixture.clock.now });
    expect(new Webhook(SECRET).verify(body, headers)).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ content: '0' }) }),
    ]);
    expect(JSON.parse(body)[0].id).not.toBe(id);
  });

  it('gets the same content under the same webhook-id at each attempt, whatever has happened since', async () => {
    const { userId, webhookId } = await listen(true);
    answers = async () => 503;
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 5));
    await fixture.drain();
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 8).slice(5));
    answers = async () => 200;
    await fixture.later(2 * (RETRY_DELAYS_MS[0] ?? 0));
    const [first, second, third] = requests;
    expect(requests).toHaveLength(3);
    const repeated = [second, third].find((request) => request?.id === first?.id);
    expect(repeated?.body).toBe(first?.body);
    const deliveries = await fixture.deps.stores.deliveries.list(webhookId, { limit: 10 });
    expect(deliveries.map(({ type, status }) => [type, status])).toEqual([
      ['batch', 'delivered'],
      ['batch', 'delivered'],
    ]);
  });

  it('gets the same batch from the consumer that follows one that died after the request', async () => {
    const { userId } = await listen(true);
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 5));
    const { stores } = fixture.deps;
    const putDelivered = async () => {
      throw new Error('the process died here');
    };
    const dying = {
      ...fixture.deps,
      stores: { ...stores, deliveries: { ...stores.deliveries, putDelivered } },
    };
    await fixture.drainAfter(dying);
    expect(requests.map(({ id, body }) => [id, body])).toEqual(
      Array(2).fill([requests[0]?.id, requests[0]?.body]),
    );
  });

  it('sees in its deliveries which events a batch holds', async () => {
    const { userId, webhookId } = await listen(true);
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 3));
    await fixture.drain();
    const account = await fixture.deps.stores.accounts.findByUserId(userId);
    if (account === undefined) throw new Error('there is no account');
    const { accessToken: token } = await fixture.deps.accessTokens.issue(account);
    const { data } = await fixture.plane.call<{ deliveries: { type: string; eventIds: string[] }[] }>(
      'GET',
      `/api/v1/webhooks/${webhookId}/deliveries`,
      { token },
    );
    const sent = JSON.parse(requests[0]?.body ?? '[]').map(({ id }: { id: string }) => id);
    expect(data.deliveries).toMatchObject([{ type: 'batch', eventIds: sent }]);
  });

  it('gets its test event as an array too', async () => {
    const { userId, webhookId } = await listen(true);
    const account = await fixture.deps.stores.accounts.findByUserId(userId);
    if (account === undefined) throw new Error('there is no account');
    const { accessToken: token } = await fixture.deps.accessTokens.issue(account);
    await fixture.plane.call('POST', `/api/v1/webhooks/${webhookId}/test`, { token });
    await fixture.drain();
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject([{ type: 'webhook.test' }]);
  });
});

describe('several events of a session that come together', () => {
  const putsThat = (putDelivered: Deps['stores']['deliveries']['putDelivered']) => {
    const { stores } = fixture.deps;
    return { ...fixture.deps, stores: { ...stores, deliveries: { ...stores.deliveries, putDelivered } } };
  };

  it('are one message of the queue, and one request each', async () => {
    const { userId } = await listen(false);
    const sent: number[] = [];
    const { deliveries } = fixture.deps.queues;
    fixture.deps.queues.deliveries = {
      send: async (messages) => {
        sent.push(messages.length);
        await deliveries.send(messages);
      },
    };
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 20));
    await fixture.drain();
    expect(sent).toEqual([1]);
    expect(numbersPosted()).toEqual(range(20));
    expect(requests.every(({ body }) => !Array.isArray(JSON.parse(body)))).toBe(true);
  });

  it('do not wait for the outcome of those before them to be written', async () => {
    const { userId } = await listen(false);
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 3));
    const all = Promise.withResolvers<void>();
    answers = async () => {
      if (requests.length === 3) all.resolve();
      return 200;
    };
    const deps = putsThat(async (some) => {
      await all.promise;
      await fixture.deps.stores.deliveries.putDelivered(some);
    });
    await fixture.drain((event) => deliverBatch(deps, event));
    expect(numbersPosted()).toEqual([0, 1, 2]);
  });

  it('come again after a death only as far as nothing is written of them', async () => {
    const { userId } = await listen(false);
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 4));
    let died = false;
    answers = async () => {
      if (requests.length !== 3 || died) return 200;
      died = true;
      throw new Error('the process died here');
    };
    await fixture.drain();
    expect(numbersPosted()).toEqual([0, 1, 2, 2, 3]);
  });

  it('are handed over again where there is no time for all of them, and go on where they stopped', async () => {
    const { userId } = await listen(false);
    await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 4));
    await fixture.drain((event) => {
      const before = requests.length;
      return deliverBatch(fixture.deps, event, () => (requests.length - before < 2 ? 60_000 : 10_000));
    });
    expect(numbersPosted()).toEqual([0, 1, 2, 3]);
  });

  it('of two calls with the same content are taken once', async () => {
    const { userId } = await listen(false);
    for (let call = 0; call < 2; call += 1)
      await enqueueWebhookEvents(fixture.deps, userId, eventsOf('one', 4));
    await fixture.drain();
    expect(numbersPosted()).toEqual(range(4));
  });
});
