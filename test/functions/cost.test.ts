import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../testing/control-plane/control-plane.ts';
import { type CallCounts, countCalls } from '../../testing/control-plane/count-calls.ts';
import { countUnits, type Units } from '../../testing/control-plane/count-units.ts';
import { type FakeWorker, sends, startFakeWorker } from '../../testing/control-plane/fake-worker.ts';
import { connectedSession, listener, registerWorker } from '../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let key: string;
let session: SessionItem;
let calls: ReturnType<typeof countCalls>;
let units: ReturnType<typeof countUnits>;
let seq = 100;

const CREDENTIALS = { email: 'cost@example.com', password: 'correct horse' };

beforeAll(async () => {
  plane = await startControlPlane();
  worker = await startFakeWorker({ workerSend: sends });
  const body = { ...CREDENTIALS, name: 'Cost' };
  const { data } = await plane.call<{ accessToken: string }>('POST', '/api/v1/auth/register', { body });
  token = data.accessToken;
  await registerWorker(plane, { workerId: 'w1', endpoint: worker.endpoint });
  session = await connectedSession(plane, token, { workerId: 'w1', endpoint: worker.endpoint });
  const issued = await plane.call<{ apiKey: string }>('POST', '/api/v1/users/api-keys', { token, body: {} });
  key = issued.data.apiKey;
  await listener(plane, token);
  calls = countCalls(plane.local.table);
  units = countUnits(plane.local.client);
});
afterAll(async () => {
  await plane.close();
  await worker.close();
});

const TEXT = { to: '6281234567890', type: 'text', message: 'hello' };
const byWorker = (body: object) => ({ token: WORKER_TOKEN, body });
const report = (body: object) => {
  seq += 1;
  return byWorker({ sessionId: session.sessionId, epoch: session.epoch, seq, ...body });
};

/**
 * What the second of two equal calls costs: the first of a process has to look things up. Units are what DynamoDB
 * charges, by the sizes of the items.
 */
async function cost(
  call: () => Promise<{ status: number }>,
): Promise<CallCounts & Units & { status: number }> {
  await call();
  calls.take();
  units.take();
  const { status } = await call();
  return { status, ...calls.take(), ...units.take() };
}

/** Every item read is below 4 KB and every one written below 1 KB: as many units as items. */
const charged = (reads: number, writes: number) => ({
  status: 200,
  reads,
  writes,
  readUnits: reads,
  writeUnits: writes,
});

describe('the commonest calls, in items read, writes tried and units charged', () => {
  const path = () => `/api/v1/sessions/${session.sessionId}`;
  let sends = 0;
  const messageIds: string[] = [];
  const send = async (headers: Record<string, string> = {}) => {
    const answer = await plane.call<{ messageId: string }>('POST', `${path()}/send`, {
      token: key,
      body: TEXT,
      headers,
    });
    messageIds.push(answer.data.messageId);
    return answer;
  };

  it('GET of a session with a login: the session, its worker, and the one write of the limits', async () => {
    expect(await cost(() => plane.call('GET', path(), { token }))).toEqual(charged(2, 1));
  });

  it('GET of a session with an API key: the key beside it', async () => {
    const measured = await cost(() => plane.call('GET', `${path()}/status`, { token: key }));
    expect(measured).toEqual(charged(3, 1));
  });

  it('GET of all sessions: the account, each session, and each worker once', async () => {
    const measured = await cost(() => plane.call('GET', '/api/v1/sessions', { token }));
    expect(measured).toEqual(charged(3, 1));
  });

  it('POST of a message: its record twice, its count, and the total of all tenants', async () => {
    expect(await cost(() => send())).toEqual(charged(2, 5));
  });

  it('POST of a message with an Idempotency-Key: two writes more', async () => {
    const once = () => {
      sends += 1;
      return send({ 'idempotency-key': `cost-${sends}` });
    };
    expect(await cost(once)).toEqual(charged(2, 7));
  });

  it('the same again: the kept answer, and nothing else', async () => {
    expect(await cost(() => send({ 'idempotency-key': 'cost-1' }))).toEqual(charged(2, 2));
  });

  it('POST of a message that stays pending: what the outbox keeps of it, and no count yet', async () => {
    const { replies } = worker;
    worker.replies = { workerSend: 'break' };
    const next = () => plane.call('POST', `${path()}/send`, { token: key, body: TEXT });
    const measured = await cost(next);
    worker.replies = replies;
    expect(measured).toEqual({ ...charged(4, 6), status: 202 });
  });

  it('a report of a message: the session, its record and count, and who listens', async () => {
    const distinct = [...new Set(messageIds)];
    const next = () =>
      plane.call(
        'POST',
        '/api/v1/webhooks/message-status',
        report({ messageId: distinct.pop(), status: 'delivered' }),
      );
    const { status, reads, writes, readUnits, writeUnits } = await cost(next);
    expect({ status, writes, writeUnits }).toEqual({ status: 200, writes: 2, writeUnits: 2 });
    expect(reads).toBeLessThanOrEqual(4);
    expect(readUnits).toBeLessThanOrEqual(4);
  });

  it('a message that came in: its count, and the total', async () => {
    const next = () => {
      const event = { event: 'message_received', data: { id: `m${seq}`, type: 'text' } };
      return plane.call('POST', '/api/v1/workers/w1/events', report(event));
    };
    const { status, reads, writes, readUnits, writeUnits } = await cost(next);
    expect({ status, writes, writeUnits }).toEqual({ status: 200, writes: 2, writeUnits: 2 });
    expect(reads).toBeLessThanOrEqual(4);
    expect(readUnits).toBeLessThanOrEqual(4);
  });

  it('a report of a session: one write', async () => {
    const next = () =>
      plane.call('POST', '/api/v1/webhooks/session-status', report({ status: 'reconnecting' }));
    const { status, reads, writes, readUnits, writeUnits } = await cost(next);
    expect({ status, writes, writeUnits }).toEqual({ status: 200, writes: 1, writeUnits: 1 });
    expect(reads).toBeLessThanOrEqual(4);
    expect(readUnits).toBeLessThanOrEqual(4);
  });

  it('a heartbeat: one write, and each session it is about', async () => {
    const sessions = [{ sessionId: session.sessionId, status: 'connected', epoch: session.epoch }];
    const next = () => plane.call('PUT', '/api/v1/workers/w1/heartbeat', byWorker({ sessions }));
    const { status, reads, writes, readUnits, writeUnits } = await cost(next);
    expect(status).toBe(200);
    expect(writes).toBeLessThanOrEqual(2);
    expect(writeUnits).toBeLessThanOrEqual(2);
    expect(reads).toBeLessThanOrEqual(5);
    expect(readUnits).toBeLessThanOrEqual(5);
  });

  it('a login: three buckets at most, the account, and a family of tokens', async () => {
    const next = () =>
      plane.call('POST', '/api/v1/auth/login', { body: CREDENTIALS, sourceIp: '203.0.113.1' });
    const { status, reads, writes, readUnits, writeUnits } = await cost(next);
    expect(status).toBe(200);
    expect(writes).toBeLessThanOrEqual(5);
    expect(writeUnits).toBeLessThanOrEqual(5);
    expect(reads).toBeLessThanOrEqual(3);
    expect(readUnits).toBeLessThanOrEqual(3);
  });
});

describe('no request', () => {
  it('scans the table: nothing in the code can', () => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const files = ['shared', 'functions', 'worker'].flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => `${root}${folder}/${file}`),
    );
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) expect(readFileSync(file, 'utf8'), file).not.toMatch(/\bScanCommand\b/);
  });
});
