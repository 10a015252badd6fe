import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalObjectStore, startObjectStore } from '../../../local/services/start-object-store.ts';
import {
  type FaultProxy,
  type StorageTrouble,
  startFaultProxy,
} from '../../../testing/storage/fault-proxy.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  link,
  PHONE,
  SESSION,
  startBench,
} from '../../../testing/worker/start-bench.ts';
import { readJournal } from '../../../worker/storage/journal/read-journal.ts';
import type { ObjectStore } from '../../../worker/storage/object-store.ts';
import { createS3ObjectStore } from '../../../worker/storage/s3-object-store.ts';
import { isKeySpace } from '../../../worker/whatsapp/signal/signal-store.ts';
import { isCredsSpace } from '../../../worker/whatsapp/state/journaled-creds.ts';
import { openAuth } from '../../../worker/whatsapp/state/open-auth.ts';
import type { SessionAuth } from '../../../worker/whatsapp/state/session-auth.ts';

const OTHER_PHONE = '6281234567999';
const OTHER = 'user-2-main';
const MOST_PENDING_BYTES = 256 * 1024;
const to = FRIEND_JID;

let bench: Bench;
let emulator: LocalObjectStore;
let proxy: FaultProxy;
let store: ObjectStore;
let worker: BenchWorker;
/** Of the session in trouble. */
let auth: SessionAuth;
let sends = 0;

beforeAll(async () => {
  [bench, emulator] = await Promise.all([startBench(), startObjectStore(undefined)]);
  await bench.sandbox.addAccount({ number: OTHER_PHONE, name: 'Other' });
  proxy = await startFaultProxy(emulator.endpoint);
  const { bucket, region, accessKeyId, secretAccessKey } = emulator;
  const credentials = { accessKeyId, secretAccessKey };
  const settings = { bucket, region, credentials, endpoint: proxy.endpoint, forcePathStyle: true };
  store = hurryWhereNothingAnswers(
    createS3ObjectStore(settings),
    createS3ObjectStore({ ...settings, requestTimeoutMs: 300 }),
  );
  worker = startWorker();
  await link(bench, worker, OTHER, OTHER_PHONE);
  await link(bench, worker);
  proxy.befalls = (path) => path.includes(SESSION);
});
afterAll(async () => {
  proxy.trouble = undefined;
  await bench.close();
  await proxy.close();
  await emulator.close();
});
beforeEach(() => {
  proxy.trouble = undefined;
});

/** Time-outs as in production, but where no answer is to come: a slow machine is not taken for storage that is away. */
function hurryWhereNothingAnswers(patient: ObjectStore, hurried: ObjectStore): ObjectStore {
  const of = (key: string) =>
    proxy.trouble === 'hang' && proxy.befalls?.(key) !== false ? hurried : patient;
  return {
    put: (key, ...rest) => of(key).put(key, ...rest),
    putFile: (key, ...rest) => of(key).putFile(key, ...rest),
    get: (key, ...rest) => of(key).get(key, ...rest),
    getFile: (key, ...rest) => of(key).getFile(key, ...rest),
    list: (prefix, ...rest) => of(prefix).list(prefix, ...rest),
    delete: (keys, ...rest) => of(keys[0] ?? '').delete(keys, ...rest),
    retire: (key, ...rest) => of(key).retire(key, ...rest),
  };
}

function startWorker(): BenchWorker {
  return bench.startWorker({
    store,
    settings: { ackTimeoutMs: 1_200, logoutTimeoutMs: 10_000 },
    openAuth: async (options) => {
      const opened = await openAuth({
        ...options,
        storageWaitMs: 500,
        mostPendingBytes: MOST_PENDING_BYTES,
      });
      if (options.sessionId === SESSION) auth = opened;
      return opened;
    },
  });
}

const send = async (sessionId: string) => {
  sends += 1;
  const messageId = `3EB0AAAABBBBCCCC${1000 + sends}`;
  const { status } = await worker.registry.send(sessionId, { to, type: 'text', message: 'Hello', messageId });
  return { messageId, status };
};
/** However long WhatsApp's acknowledgement takes on this machine. */
const arrives = async (sessionId: string) => {
  const { messageId } = await send(sessionId);
  await worker.sink.messageStatus(messageId, 'delivered');
};
const faultSeen = () => expect.poll(() => auth.fault?.code).toBe('STORAGE_UNAVAILABLE');
const undecryptable = async () => {
  const counters = await bench.sandbox.counters();
  return [PHONE, FRIEND].map((number) => {
    const { decryptionFailures = 0, retriesReceived = 0, nacks = 0 } = counters[number] ?? {};
    return decryptionFailures + retriesReceived + nacks;
  });
};

describe('a session whose storage', () => {
  test.each<[string, StorageTrouble]>([
    ['fails', 'error'],
    ['throttles', 'throttle'],
    ['does not answer', 'hang'],
    ['refuses connections', 'refuse'],
    ['writes halves and breaks off', 'half'],
    ['has lost its bucket', 'gone'],
  ])(
    '%s stops sending with a sentence while others run on, and recovers by itself with nothing lost',
    async (_, trouble) => {
      proxy.trouble = trouble;
      const held = await send(SESSION);
      expect(held.status).toBe('pending');
      await faultSeen();
      await expect(send(SESSION)).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
        message: expect.stringContaining('by itself'),
      });
      await arrives(OTHER);
      const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: 'Meanwhile' });
      expect((await bench.sandbox.inbox(FRIEND, { id: held.messageId })).messages).toEqual([]);
      proxy.trouble = undefined;
      await worker.sink.event('message_received', ({ id }) => id === ids[0]);
      await worker.sink.messageStatus(held.messageId, 'delivered');
      const { messages } = await bench.sandbox.inbox(FRIEND, { id: held.messageId });
      expect(messages).toHaveLength(1);
      await arrives(SESSION);
      expect(await undecryptable()).toEqual([0, 0]);
    },
  );

  test('is slow goes on sending, only more slowly', async () => {
    proxy.trouble = { slowMs: 100 };
    // Where it were taken for away, the second would be refused.
    await arrives(SESSION);
    await arrives(SESSION);
  });

  test('is away keeps a bounded amount in memory, whatever arrives, and loses none of it', async () => {
    const count = 120;
    const text = 'x'.repeat(8_000);
    proxy.trouble = 'error';
    let most = { changes: 0, bytes: 0, frames: 0 };
    const watch = setInterval(() => {
      const { changes, bytes, frames } = auth.backlog;
      most = {
        changes: Math.max(most.changes, changes),
        bytes: Math.max(most.bytes, bytes),
        frames: Math.max(most.frames, frames),
      };
    }, 5);
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const sent = await bench.sandbox.send(FRIEND, { to: PHONE, text: `${n} ${text}` });
      ids.push(...sent.ids);
    }
    await faultSeen();
    await expect.poll(() => most.bytes).toBeGreaterThan(MOST_PENDING_BYTES / 2);
    expect(
      worker.sink.of('event').filter(({ data }) => 'id' in data && ids.includes(data.id)).length,
    ).toBeLessThan(count);
    proxy.trouble = undefined;
    for (const id of ids) await worker.sink.event('message_received', (data) => data['id'] === id);
    clearInterval(watch);
    // What was read before the session stopped reading is still taken in: on a busy machine, more of it.
    expect(count * text.length).toBeGreaterThan(3.5 * MOST_PENDING_BYTES);
    expect(most.bytes).toBeLessThan(3 * MOST_PENDING_BYTES);
    expect(most.frames).toBeLessThan(2 * count);
    expect(await undecryptable()).toEqual([0, 0]);
  });
});

describe('ending a session whose storage is away', () => {
  const wish = (sessionId: string, desired: 'logged_out' | 'deleted' | 'released', rev: number) =>
    [{ sessionId, userId: 'user-1', epoch: 1, rev, desired }] as const;
  /** Repeated, as heartbeats do: storage may answer too late now and then, and what failed is still wished. */
  const comesTrue = (
    { registry }: BenchWorker,
    wished: Parameters<typeof registry.converge>[0],
    isTrue: () => Promise<boolean>,
  ) =>
    expect
      .poll(async () => {
        await registry.converge(wished);
        return isTrue().catch(() => false);
      })
      .toBe(true);
  const isGone = async (prefix: string) => (await store.list(prefix)).length === 0;
  /** What could not be reported or written down yet may stay; nothing of the link does. */
  const isErased = async (sessionId: string) => {
    const { state } = await readJournal(store, sessionId, { epoch: 1 });
    return ![...state.spaces()].some(
      (space) => (isCredsSpace(space) || isKeySpace(space)) && [...state.entriesOf(space)].length > 0,
    );
  };
  const away = () => {
    proxy.befalls = undefined;
    proxy.trouble = 'hang';
  };

  test('disconnects at once', async () => {
    away();
    expect(await worker.registry.disconnect(SESSION, { rev: 2 })).toMatchObject({ status: 'disconnected' });
  });

  test('logs out when it is back, says so until then, and tells WhatsApp', async () => {
    await worker.registry.connect(SESSION, { rev: 3 });
    await expect.poll(() => worker.registry.status(SESSION)).toMatchObject({ status: 'connected' });
    expect(await isErased(SESSION)).toBe(false);
    away();
    await send(SESSION);
    await faultSeen();
    await expect(worker.registry.logout(SESSION, { rev: 4 })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(await worker.registry.status(SESSION)).toMatchObject({
      status: 'disconnected',
      errorCode: 'STORAGE_UNAVAILABLE',
    });
    proxy.trouble = undefined;
    await expect.poll(() => auth.fault).toBeUndefined();
    await comesTrue(worker, wish(SESSION, 'logged_out', 4), () => isErased(SESSION));
    expect(worker.registry.list().map(({ sessionId }) => sessionId)).toEqual([OTHER]);
    expect(await bench.sandbox.devices(PHONE)).toHaveLength(0);
  });

  test('erases credentials in a bounded time, or says that they are still there', async () => {
    await arrives(OTHER);
    away();
    await bench.sandbox.unlink(OTHER_PHONE);
    await worker.sink.until(
      'session-status',
      (body) => body.sessionId === OTHER && body.status === 'logged_out',
    );
    proxy.trouble = undefined;
    await comesTrue(worker, wish(OTHER, 'logged_out', 2), () => isErased(OTHER));
  });

  test('releases it in a bounded time, and the next owner misses nothing', async () => {
    const third = 'user-3-main';
    await link(bench, worker, third, PHONE);
    away();
    await worker.registry.converge(wish(third, 'released', 2));
    expect(worker.registry.list()).toEqual([]);
    proxy.trouble = undefined;
    const next = startWorker();
    await next.registry.start({ sessionId: third, userId: 'user-1', epoch: 2, rev: 2 });
    await next.sink.status('connected');
    away();
    await expect(next.registry.remove(third, { epoch: 2, rev: 3 })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('deleted as soon as it does'),
    });
    expect(next.registry.list()).toEqual([]);
    proxy.trouble = undefined;
    const deleted = { sessionId: third, userId: 'user-1', epoch: 2, rev: 3, desired: 'deleted' } as const;
    await comesTrue(next, [deleted], () => isGone(`sessions/${third}/`));
  });
});
