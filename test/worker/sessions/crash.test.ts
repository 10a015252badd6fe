import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HistoryQuery } from '../../../shared/messages/history/history-query.ts';
import {
  arrivals,
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  jidOf,
  kill,
  link,
  PHONE,
  SESSION,
  startBench,
  takeOver,
} from '../../../testing/worker/start-bench.ts';
import { openAuth } from '../../../worker/whatsapp/state/open-auth.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const to = FRIEND_JID;
const OTHER = '6281111111111';
const text = (messageId: string) => ({ to, type: 'text', message: 'Hello', messageId }) as const;

async function restartAfterKill(killed: BenchWorker): Promise<BenchWorker> {
  await kill(killed);
  return takeOver(bench, 2);
}

const arrivedOnce = async (id: string) => expect(await arrivals(bench, id)).toHaveLength(1);
const undecryptable = async () => {
  const counters = await bench.sandbox.counters();
  return [PHONE, FRIEND].map((number) => counters[number]?.decryptionFailures ?? 0);
};

describe('a worker that is killed', () => {
  test('a worker that is killed between making a ratchet durable and letting its frame leave loses nothing: the next owner sends', async () => {
    const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
    const id = '3EB0AAAABBBBCCCCDDDD31';
    let armed = false;
    const worker = bench.startWorker({
      openAuth: async (options) => {
        const auth = await openAuth(options);
        const add = auth.outgoing.add;
        auth.outgoing.add = (...args) => {
          add(...args);
          armed = true;
        };
        return auth;
      },
      // Asked when all that a frame depends on is durable, immediately before it goes.
      lease: {
        isHeld: () => {
          if (armed) kill();
          return !armed;
        },
      },
    });
    await link(bench, worker);
    worker.registry.send(SESSION, text(id)).catch(() => undefined);
    await killed;
    const next = await restartAfterKill(worker);
    await next.sink.messageStatus(id, 'sent');
    const { data } = await next.sink.event('message_sent', ({ messageId }) => messageId === id);
    expect(data).toMatchObject({ content: 'Hello', type: 'text', to });
    await arrivedOnce(id);
    expect(await next.registry.send(SESSION, text(id))).toMatchObject({ messageId: id, status: 'sent' });
    expect(await undecryptable()).toEqual([0, 0]);
  });

  test('a worker that is killed as soon as it has answered tells the rest as the next owner, under the same ids, and shows nothing twice', async () => {
    const worker = bench.startWorker();
    await link(bench, worker);
    const attempted: (string | undefined)[] = [];
    worker.sink.answer = ({ body }) => {
      attempted.push(body.id);
      return 'retry';
    };
    const id = '3EB0AAAABBBBCCCCDDDD32';
    expect(await worker.registry.send(SESSION, text(id))).toMatchObject({ status: 'sent' });
    const next = await restartAfterKill(worker);
    const sent = await next.sink.event('message_sent', ({ messageId }) => messageId === id);
    for (const status of ['sent', 'delivered', 'read']) await next.sink.messageStatus(id, status);
    expect(attempted[0]).toBe(sent.id);
    await arrivedOnce(id);
    expect(await undecryptable()).toEqual([0, 0]);
  });

  test('before a receipt is reported or stored gets it from WhatsApp again', async () => {
    const heard: string[] = [];
    const worker = bench.startWorker({
      openAuth: async (options) => {
        const auth = await openAuth(options);
        const append = auth.reports.append;
        auth.reports.append = (queued) => {
          append(queued);
          const { body } = queued.report;
          if ('messageId' in body && body.status === 'delivered') heard.push(body.messageId);
        };
        return auth;
      },
    });
    await link(bench, worker);
    const ids: string[] = [];
    for (const number of [FRIEND, OTHER]) {
      await bench.sandbox.addContact({ number, delivers: false, reads: false });
      const body = { to: jidOf(number), type: 'text', message: 'Wait' } as const;
      const { messageId } = await worker.registry.send(SESSION, body);
      await worker.sink.messageStatus(messageId, 'sent');
      ids.push(messageId);
    }
    worker.sink.answer = () => 'retry';
    bench.store.put = async () => {
      throw new Error('no storage');
    };
    // Once the second has been heard of, the first would have been acknowledged.
    for (const [at, number] of [FRIEND, OTHER].entries()) {
      await bench.sandbox.addContact({ number, delivers: true, reads: false });
      await expect.poll(() => heard[at], { interval: 5 }).toBe(ids[at]);
    }
    Reflect.deleteProperty(bench.store, 'put');
    const next = await restartAfterKill(worker);
    for (const id of ids) await next.sink.messageStatus(id, 'delivered');
  });

  test('a worker that is killed with a message that was promised but not ready tells that it was not sent, and its id may be used', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    try {
      const worker = bench.startWorker({ settings: { ackTimeoutMs: 50 } });
      await link(bench, worker);
      await bench.sandbox.addContact({ number: FRIEND, delivers: false, reads: false });
      const id = '3EB0AAAABBBBCCCCDDDD33';
      const { port } = silent.address() as AddressInfo;
      const media = { url: `http://127.0.0.1:${port}/picture.png` };
      expect(await worker.registry.send(SESSION, { to, type: 'image', media, messageId: id })).toMatchObject({
        status: 'pending',
      });
      const next = await restartAfterKill(worker);
      expect(await next.sink.messageStatus(id, 'failed')).toMatchObject({ errorCode: 'NOT_SENT' });
      expect(await next.registry.send(SESSION, text(id))).toMatchObject({ status: 'sent' });
      const { messages } = await next.registry.messages(SESSION, HistoryQuery.parse({}));
      expect(messages).toMatchObject([{ id, status: 'sent' }]);
      await bench.sandbox.addContact({ number: FRIEND, delivers: true, reads: false });
      await arrivedOnce(id);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
