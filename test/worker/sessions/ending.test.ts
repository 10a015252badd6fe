import { afterEach, beforeEach, expect, test } from 'vitest';
import { historyKey } from '../../../shared/messages/history/history-keys.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND_JID,
  PHONE,
  SESSION,
  startLinked,
} from '../../../testing/worker/start-bench.ts';

let bench: Bench;
let worker: BenchWorker;
let mark: number;

beforeEach(async () => {
  ({ bench, worker } = await startLinked());
  mark = worker.sink.reports.length;
});
afterEach(() => bench.close());

test('disconnect closes the connection and keeps the credentials', async () => {
  expect(await worker.registry.disconnect(SESSION, { rev: 2 })).toMatchObject({ status: 'disconnected' });
  await worker.sink.status('disconnected', mark);
  await expect(
    worker.registry.send(SESSION, { to: FRIEND_JID, type: 'text', message: 'No' }),
  ).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' });
  await worker.registry.connect(SESSION, { rev: 3 });
  await worker.sink.status('connected', mark);
  expect(worker.sink.reports.slice(mark).some(({ body }) => 'qrCode' in body)).toBe(false);
});

test('logout removes the device from the account, reports it, and forgets the session', async () => {
  expect(await worker.registry.logout(SESSION, { rev: 2 })).toMatchObject({ status: 'logged_out' });
  expect(await worker.sink.status('logged_out', mark)).toMatchObject({ phoneNumber: null, error: null });
  expect(await bench.sandbox.devices(PHONE)).toHaveLength(0);
  expect(worker.registry.list()).toEqual([]);
  await expect(worker.registry.status(SESSION)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('logout of a disconnected session connects first, so that the phone does not keep the device', async () => {
  await worker.registry.disconnect(SESSION, { rev: 2 });
  const from = worker.sink.reports.length;
  await worker.registry.logout(SESSION, { rev: 3 });
  expect(await bench.sandbox.devices(PHONE)).toHaveLength(0);
  expect(worker.sink.reports.slice(from).map(({ body }) => 'status' in body && body.status)).toEqual([
    'logged_out',
  ]);
});

test('logout that cannot reach WhatsApp still deletes the credentials, and says what remains', async () => {
  await worker.close();
  await bench.sandbox.addFault({ kind: 'unreachable' });
  const next = bench.startWorker({ settings: { logoutTimeoutMs: 200 } });
  const answer = await next.registry.logout(SESSION, { epoch: 2, rev: 1 });
  expect(answer).toMatchObject({ status: 'logged_out', errorCode: 'DEVICE_MAY_REMAIN_LISTED' });
  expect(await bench.store.list(`sessions/${SESSION}/auth/`)).toEqual([]);
});

test('delete removes every object of the session, and only of this one', async () => {
  const other = `${SESSION}-2`;
  for (const key of [
    `sessions/${SESSION}/auth/1/snapshot`,
    `media/${SESSION}/images/a`,
    `sessions/${other}/x`,
  ])
    await bench.store.put(key, Buffer.from('x'));
  await worker.registry.remove(SESSION, { rev: 2 });
  expect([...bench.store.objects.keys()]).toEqual([`sessions/${other}/x`]);
  expect(worker.registry.list()).toEqual([]);
});

test('delete works for a session that this worker does not hold', async () => {
  await bench.store.put('media/elsewhere/images/a', Buffer.from('x'));
  const gone = { sessionId: 'elsewhere', userId: 'u', epoch: 4, rev: 2, desired: 'deleted' } as const;
  await worker.registry.converge([gone]);
  expect(await bench.store.list('media/elsewhere/')).toEqual([]);
  await expect(worker.registry.remove('elsewhere', { epoch: 3 })).rejects.toMatchObject({
    code: 'STALE_OWNER',
  });
});

test('a late delete leaves a session of the same name that was created since', async () => {
  const part = (epoch: number) =>
    historyKey('again', { from: Date.UTC(2026, 10, 21), epoch, messages: 1 }, 'abc');
  const old = ['sessions/again/auth/2/snapshot', part(2)];
  const its = ['sessions/again/auth/5/snapshot', part(5), 'media/again/images/new'];
  const keys = [...old, ...its];
  for (const key of keys) await bench.store.put(key, Buffer.from('x'));
  await worker.registry.remove('again', { epoch: 3, rev: 1 });
  expect(keys.filter((key) => bench.store.objects.has(key))).toEqual(its);
});

test('commands and assignments older than what was seen change nothing', async () => {
  await worker.registry.connect(SESSION, { epoch: 3, rev: 5 });
  await worker.sink.until('session-status', ({ status, epoch }) => status === 'connected' && epoch === 3);
  for (const older of [{ epoch: 2 }, { epoch: 3, rev: 4 }])
    await expect(worker.registry.disconnect(SESSION, older)).rejects.toMatchObject({ code: 'STALE_OWNER' });
  const wish = { sessionId: SESSION, userId: 'u', epoch: 3, rev: 4, desired: 'logged_out' } as const;
  expect(await worker.registry.converge([wish])).toEqual([{ sessionId: SESSION, status: 'skipped' }]);
  expect(await worker.registry.status(SESSION)).toMatchObject({ status: 'connected' });
  expect(await bench.store.list(`sessions/${SESSION}/auth/000000000003/`)).not.toEqual([]);
});

test('an empty list of assignments closes nothing; "released" does, and says nothing to the tenant', async () => {
  expect(await worker.registry.converge([])).toEqual([]);
  expect(worker.registry.list()).toHaveLength(1);
  await worker.registry.converge([
    { sessionId: SESSION, userId: 'u', epoch: 1, rev: 2, desired: 'released' },
  ]);
  expect(worker.registry.list()).toEqual([]);
  expect(worker.sink.of('session-status').at(-1)).toMatchObject({ status: 'connected' });
  expect((await bench.sandbox.connections()).filter(({ number }) => number === PHONE)).toEqual([]);
});

test('shutdown hands every session over, one after another, and takes no more', async () => {
  const released: { sessionId: string; epoch: number }[] = [];
  await worker.registry.shutdown(async (session) => {
    released.push(session);
  });
  expect(released).toEqual([{ sessionId: SESSION, epoch: 1 }]);
  await expect(worker.registry.create({ sessionId: 'late', userId: 'u' })).rejects.toMatchObject({
    code: 'SHUTTING_DOWN',
  });
});

test('a full worker says so', async () => {
  const small = bench.startWorker({ settings: { maxSessions: 1 } });
  await small.registry.create({ sessionId: 'one', userId: 'u' });
  await expect(small.registry.create({ sessionId: 'two', userId: 'u' })).rejects.toMatchObject({
    code: 'WORKER_FULL',
  });
  await expect(small.registry.create({ sessionId: 'one', userId: 'u' })).rejects.toMatchObject({
    code: 'SESSION_EXISTS',
  });
});

test('storage that cannot be read is an error that can be tried again', async () => {
  const next = bench.startWorker();
  const list = bench.store.list.bind(bench.store);
  bench.store.list = async () => {
    throw new Error('no storage');
  };
  const input = { sessionId: 'fresh', userId: 'u', epoch: 1, rev: 1 };
  await expect(next.registry.start(input)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(await next.sink.status('error')).toMatchObject({ errorCode: 'STORAGE_UNAVAILABLE' });
  bench.store.list = list;
  expect(await next.registry.start(input)).toMatchObject({ status: 'qr_required' });
});
