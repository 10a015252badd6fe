import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  arrivals,
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  jidOf,
  PHONE,
  SESSION,
  startLinked,
  takeOver,
} from '../../../testing/worker/start-bench.ts';

let bench: Bench;
let worker: BenchWorker;
let mark: number;

beforeEach(async () => {
  ({ bench, worker } = await startLinked());
  mark = worker.sink.reports.length;
});
afterEach(() => bench.close());

const QUIET = '6281111111111';
const to = FRIEND_JID;
const statuses = () => worker.sink.of('session-status').map(({ status }) => status);

test('a dropped connection comes back without a QR', async () => {
  await bench.sandbox.addFault({ kind: 'drop', account: PHONE });
  await worker.sink.status('reconnecting', mark);
  await worker.sink.status('connected', mark);
  expect(await worker.registry.send(SESSION, { to, type: 'text', message: 'Back' })).toMatchObject({
    status: 'sent',
  });
});

test('a message that was never acknowledged leaves again on the next connection, and is one message', async () => {
  await bench.sandbox.addContact({ number: QUIET, delivers: false, reads: false });
  await bench.sandbox.addFault({ kind: 'ack', account: PHONE, mode: 'never', count: 1 });
  const lost = worker.registry.send(SESSION, {
    to: jidOf(QUIET),
    type: 'text',
    message: 'Again',
  });
  await expect.poll(async () => (await bench.sandbox.counters())[PHONE]?.messagesAccepted).toBe(1);
  await bench.sandbox.addFault({ kind: 'drop', account: PHONE });
  const { messageId, status } = await lost;
  expect(status).toBe('sent');
  await bench.sandbox.addContact({ number: QUIET, delivers: true });
  const { messages } = await bench.sandbox.inbox(QUIET, { id: messageId, waitMs: 60_000 });
  expect(messages).toHaveLength(1);
});

test('while storage fails nothing leaves; when it is back, what waited arrives once', async () => {
  const put = bench.store.put.bind(bench.store);
  bench.store.put = async () => {
    throw new Error('no storage');
  };
  const body = { to, type: 'text', message: 'Held' } as const;
  const held = worker.registry.send(SESSION, { ...body, messageId: '3EB0AAAABBBBCCCCDDDD21' });
  const refusals: string[] = [];
  const tryOnce = () => {
    worker.registry.send(SESSION, body).catch(({ code }) => refusals.push(code));
    return refusals[0];
  };
  await expect.poll(tryOnce, { interval: 200 }).toBe('STORAGE_UNAVAILABLE');
  expect((await bench.sandbox.inbox(FRIEND)).messages).toEqual([]);
  bench.store.put = put;
  await held;
  const messages = await arrivals(bench, '3EB0AAAABBBBCCCCDDDD21');
  expect(messages).toHaveLength(1);
});

test.each([
  ['an outdated client', 405, 'VERSION_OUTDATED'],
  ['a locked account', 403, 'ACCOUNT_LOCKED'],
])('%s is an error that says so, and is not tried again', async (_what, code, errorCode) => {
  await bench.sandbox.addFault({ kind: 'failure', account: PHONE, code });
  await bench.sandbox.addFault({ kind: 'drop', account: PHONE });
  expect(await worker.sink.status('error', mark)).toMatchObject({ errorCode });
  await expect.poll(() => bench.sandbox.connections()).toEqual([]);
});

test('a server that is unwell for a while is tried again until it is not', async () => {
  await bench.sandbox.addFault({ kind: 'failure', account: PHONE, code: 503, count: 3 });
  await bench.sandbox.addFault({ kind: 'drop', account: PHONE });
  await worker.sink.status('connected', mark);
});

test('a session that the phone unlinks is logged out, and its credentials are gone', async () => {
  await bench.sandbox.unlink(PHONE);
  expect(await worker.sink.status('logged_out', mark)).toMatchObject({ phoneNumber: null });
  await worker.registry.connect(SESSION, { epoch: 1, rev: 2 });
  expect(await worker.sink.status('qr_required', mark)).toMatchObject({
    qrCode: expect.stringMatching(/^data:/),
  });
});

describe('over a restart of the worker', () => {
  test('a session comes back without a QR, and gets what arrived meanwhile', async () => {
    await worker.close();
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: 'While you were away' });
    const next = bench.startWorker();
    const wish = { sessionId: SESSION, userId: 'user-1', epoch: 2, rev: 1, desired: 'connected' } as const;
    expect(await next.registry.converge([wish])).toEqual([{ sessionId: SESSION, status: 'recovered' }]);
    const { data, epoch } = await next.sink.event('message_received', ({ id }) => id === ids[0]);
    expect(data).toMatchObject({ content: 'While you were away', offline: true });
    expect(epoch).toBe(2);
    expect(next.sink.of('session-status').map(({ status }) => status)).not.toContain('qr_required');
  });

  test('a message that was sent before is not sent again', async () => {
    const body = { to, type: 'text', message: 'Only once', messageId: '3EB0AAAABBBBCCCCDDDD11' } as const;
    await worker.registry.send(SESSION, body);
    await worker.close();
    const next = await takeOver(bench, 2);
    expect(await next.registry.send(SESSION, body)).toMatchObject({ messageId: body.messageId });
    await next.registry.send(SESSION, { ...body, messageId: '3EB0AAAABBBBCCCCDDDD12' });
    await arrivals(bench, '3EB0AAAABBBBCCCCDDDD12');
    expect((await bench.sandbox.counters())[FRIEND]?.duplicates ?? 0).toBe(0);
    expect((await bench.sandbox.inbox(FRIEND, { id: body.messageId })).messages).toHaveLength(1);
  });

  test('reports that the control plane has not accepted are delivered by the next owner, under its epoch', async () => {
    worker.sink.answer = () => 'retry';
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: 'Tell them' });
    await bench.sandbox.receipts(FRIEND, { id: ids[0] ?? '', waitMs: 60_000 });
    await worker.registry.fence();
    const next = await takeOver(bench, 2);
    expect(await next.sink.event('message_received', ({ id }) => id === ids[0])).toMatchObject({ epoch: 2 });
  });
});

test('nothing leaves once the worker is fenced', async () => {
  await worker.registry.fence();
  expect(worker.registry.list()).toEqual([]);
  await expect(worker.registry.send(SESSION, { to, type: 'text', message: 'No' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(statuses().at(-1)).toBe('connected');
});

test('a report refused as stale ends the session here without touching it', async () => {
  worker.sink.answer = () => 'stale';
  await bench.sandbox.send(FRIEND, { to: PHONE, text: 'For the new owner' });
  await expect.poll(() => worker.registry.list(), { interval: 5 }).toEqual([]);
  expect(await bench.sandbox.devices(PHONE)).toHaveLength(1);
});
