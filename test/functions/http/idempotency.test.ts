import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import type { Session } from '../../../shared/sessions/schema.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, sends, startFakeWorker } from '../../../testing/control-plane/fake-worker.ts';
import { connectedSession } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;

const TEXT = { to: '6281234567890', type: 'text', message: 'hello' };

beforeAll(async () => {
  plane = await startControlPlane();
  worker = await startFakeWorker({ workerSend: sends });
});
afterAll(async () => {
  await plane.close();
  await worker.close();
});

async function tenant() {
  const { token } = await plane.signUp();
  const owner = { workerId: 'w1', endpoint: worker.endpoint };
  const { sessionId } = await connectedSession(plane, token, owner);
  worker.replies = { workerSend: sends };
  worker.calls.length = 0;
  const send = (key: string, body: object = TEXT) =>
    plane.call<SendAnswer>('POST', `/api/v1/sessions/${sessionId}/send`, {
      token,
      body,
      headers: { 'idempotency-key': key },
    });
  return { token, sessionId, send };
}

/** As whoever is told IN_PROGRESS does: how long a duplicate waits is no affair of how many there are. */
async function untilAnswered<A extends { code: string | undefined }>(ask: () => Promise<A>): Promise<A> {
  for (;;) {
    const answer = await ask();
    if (answer.code !== 'IN_PROGRESS') return answer;
  }
}

describe('an Idempotency-Key', () => {
  it('makes fifty concurrent sends one call to the worker and one answer', async () => {
    const { send } = await tenant();
    const sendAgain = () => untilAnswered(() => send('fifty'));
    const answers = await Promise.all(Array.from({ length: 50 }, sendAgain));
    expect(worker.callsOf('workerSend')).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ data }) => data.messageId)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(49);
  });

  it('has a duplicate wait for the answer of the first one', async () => {
    const { send } = await tenant();
    const { idempotency } = plane.deps.stores;
    const { look, keep } = idempotency;
    const waiting = Promise.withResolvers<void>();
    vi.spyOn(idempotency, 'look').mockImplementation(async (...args) => {
      const claim = await look(...args);
      waiting.resolve();
      return claim;
    });
    vi.spyOn(idempotency, 'keep').mockImplementation(async (...args) => {
      await waiting.promise;
      return await keep(...args);
    });
    const answers = await Promise.all([send('wait'), send('wait')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect(worker.callsOf('workerSend')).toHaveLength(1);
  });

  it('is never empty: an unset variable of the caller’s would protect nothing', async () => {
    const { send } = await tenant();
    for (const key of ['', ' ', 'x'.repeat(129)])
      expect(await send(key)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(worker.callsOf('workerSend')).toHaveLength(0);
  });

  it('is about the request, not about how its JSON is written', async () => {
    const { send } = await tenant();
    const first = await send('order');
    const second = await send('order', { message: 'hello', type: 'text', to: '6281234567890' });
    expect(second.text).toBe(first.text);
    expect(worker.callsOf('workerSend')).toHaveLength(1);
  });

  it('refuses another body', async () => {
    const { send } = await tenant();
    await send('other');
    expect((await send('other', { ...TEXT, message: 'bye' })).body).toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
  });

  it('is each account’s own', async () => {
    const [one, two] = [await tenant(), await tenant()];
    const [first, second] = [await one.send('same'), await two.send('same')];
    expect(first.data.messageId).not.toBe(second.data.messageId);
    expect(worker.callsOf('workerSend')).toHaveLength(2);
  });

  it('is about the session of its key too: two session keys with one body are two requests', async () => {
    const { token } = await plane.signUp();
    const owner = { workerId: 'w1', endpoint: worker.endpoint };
    const keys: string[] = [];
    for (const name of ['Sales', 'Support']) {
      const { sessionId } = await connectedSession(plane, token, owner, name);
      const { data } = await plane.call<{ apiKey: string }>('POST', `/api/v1/sessions/${sessionId}/api-key`, {
        token,
      });
      keys.push(data.apiKey);
    }
    worker.replies = { workerSend: sends };
    const sendAs = (apiKey = '') =>
      plane.call('POST', '/api/v1/send', {
        token: apiKey,
        body: TEXT,
        headers: { 'idempotency-key': 'one' },
      });
    expect((await sendAs(keys[0])).status).toBe(200);
    expect((await sendAs(keys[1])).code).toBe('IDEMPOTENCY_MISMATCH');
  });

  it('answers anew after a day', async () => {
    const { token, send } = await tenant();
    await send('day');
    const { userId } = await plane.deps.accessTokens.verify(token);
    const look = () =>
      plane.deps.stores.idempotency.look({ userId, routeId: 'sendMessage', key: 'day' }, 'another hash');
    expect(await look()).toEqual({ outcome: 'mismatch' });
    plane.clock.now += 24 * 3_600_000;
    expect(await look()).toEqual({ outcome: 'free' });
  });

  it('keeps no failure of ours, and tries again under the same message id', async () => {
    const { send } = await tenant();
    worker.replies = { workerSend: { code: 'WORKER_ERROR' } };
    expect((await send('retry')).status).toBe(502);
    worker.replies = { workerSend: sends };
    expect((await send('retry')).status).toBe(200);
    const ids = worker.callsOf('workerSend').map(({ body }) => body['messageId']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('gives a message that was refused for good a new id, so that its record starts anew', async () => {
    const { send } = await tenant();
    worker.replies = { workerSend: { code: 'STALE_OWNER' } };
    expect((await send('moved')).body).toMatchObject({ code: 'SESSION_MOVING' });
    worker.replies = { workerSend: sends };
    expect((await send('moved')).data.status).toBe('sent');
    const ids = worker.callsOf('workerSend').map(({ body }) => body['messageId']);
    expect(new Set(ids).size).toBe(2);
  });

  it('does not send again what a crashed try had sent', async () => {
    const { token, sessionId, send } = await tenant();
    const first = await send('crash');
    // As if the first holder had died before it could keep its answer.
    const { userId } = await plane.deps.accessTokens.verify(token);
    const key = { userId, routeId: 'sendMessage', key: 'crash' };
    await forgetAnswer(key);
    const second = await send('crash');
    expect(second.data.messageId).toBe(first.data.messageId);
    expect(worker.callsOf('workerSend')).toHaveLength(1);
    expect(sessionId).toBe(second.data.sessionId);
  });

  it('does not create again what a crashed try had created', async () => {
    const { token, userId } = await plane.signUp('BASIC');
    const create = () =>
      plane.call<Session>('POST', '/api/v1/sessions', {
        token,
        body: { name: 'Phone' },
        headers: { 'idempotency-key': 'create' },
      });
    const first = await create();
    await forgetAnswer({ userId, routeId: 'createSession', key: 'create' });
    const second = await create();
    expect([second.status, second.data]).toEqual([201, first.data]);
  });

  it('is not used up by a request that is not valid', async () => {
    const { send } = await tenant();
    expect((await send('typo', { ...TEXT, to: 'nobody' })).status).toBe(400);
    expect((await send('typo')).status).toBe(200);
  });

  it('has at most 128 characters', async () => {
    const { send } = await tenant();
    expect((await send('k'.repeat(128))).status).toBe(200);
    expect((await send('k'.repeat(129))).body).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('makes a hundred creations under five keys five sessions, at a limit of five', async () => {
    const { token } = await plane.signUp('PRO');
    const create = (index: number) =>
      plane.call<Session>('POST', '/api/v1/sessions', {
        token,
        body: { name: `Phone ${index % 5}` },
        headers: { 'idempotency-key': `create-${index % 5}` },
      });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => untilAnswered(() => create(index))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ data }) => data.sessionId)).size).toBe(5);
  });

  it('lets a hundred creations with a key each make no more than the tier allows', async () => {
    const { token } = await plane.signUp('PRO');
    const create = (index: number) =>
      plane.call<Session>('POST', '/api/v1/sessions', {
        token,
        body: { name: `Phone ${index}` },
        headers: { 'idempotency-key': `key-${index}` },
      });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => create(index)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(answers.filter(({ body }) => body.code === 'SESSION_LIMIT_REACHED')).toHaveLength(95);
  });
});

async function forgetAnswer(scope: { userId: string; routeId: string; key: string }): Promise<void> {
  const hash = createHash('sha256').update(scope.key).digest('base64url');
  const key = { pk: `IDEMPOTENCY#${scope.userId}#${scope.routeId}#${hash}`, sk: 'IDEMPOTENCY' };
  await plane.local.table.update(key, { set: { answer: undefined, lockedUntil: 0 } }, z.looseObject({}));
}
