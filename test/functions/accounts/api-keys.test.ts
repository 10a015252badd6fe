import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ApiKey, IssuedApiKey } from '../../../shared/accounts/keys/routes.ts';
import { MAX_KEYS_PER_ACCOUNT } from '../../../shared/accounts/keys/store.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { countCalls } from '../../../testing/control-plane/count-calls.ts';
import { type FakeWorker, sends, startFakeWorker } from '../../../testing/control-plane/fake-worker.ts';
import {
  connectedSession,
  createSession,
  listener,
  openSocket,
} from '../../../testing/control-plane/scenario.ts';

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

async function issue(token: string, body: object = {}): Promise<IssuedApiKey> {
  const { status, data } = await plane.call<IssuedApiKey>('POST', '/api/v1/users/api-keys', { token, body });
  expect(status).toBe(201);
  return data;
}
const issueForSession = async (token: string, sessionId: string) =>
  (await plane.call<IssuedApiKey>('POST', `/api/v1/sessions/${sessionId}/api-key`, { token })).data;
const sessionsOf = (token: string) => plane.call('GET', '/api/v1/sessions', { token });
const list = async (token: string) =>
  (await plane.call<{ keys: ApiKey[] }>('GET', '/api/v1/users/api-keys', { token })).data.keys;
const revoke = (token: string, keyId: string) =>
  plane.call('DELETE', `/api/v1/users/api-keys/${keyId}`, { token });

describe('an API key', () => {
  it('an API key is shown once, and kept as a hash only', async () => {
    const { token, userId } = await plane.signUp();
    const { keyId, apiKey, prefix } = await issue(token, { name: 'CRM', mode: 'test' });
    expect(apiKey).toMatch(/^sk_test_[0-9a-z]{66}$/);
    expect(apiKey.startsWith(prefix)).toBe(true);
    const kept = await plane.local.table.query({ pk: `KEY#${keyId}` }, z.looseObject({}));
    expect(JSON.stringify(kept)).not.toContain(apiKey.slice(-50));
    expect(await list(token)).toEqual([
      expect.objectContaining({ keyId, name: 'CRM', prefix, sessionId: null, lastUsedAt: null }),
    ]);
    expect(userId).toBeDefined();
  });

  it('an API key reaches what its account reaches, and nothing of others', async () => {
    const [mine, theirs] = [await plane.signUp(), await plane.signUp()];
    const [own, foreign] = [await createSession(plane, mine.token), await createSession(plane, theirs.token)];
    const { apiKey } = await issue(mine.token);
    expect((await plane.call('GET', `/api/v1/sessions/${own}`, { token: apiKey })).status).toBe(200);
    const other = await plane.call('GET', `/api/v1/sessions/${foreign}`, { token: apiKey });
    const missing = await plane.call('GET', '/api/v1/sessions/nobody-nothing', { token: apiKey });
    expect({ ...other.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    expect((await plane.call('GET', '/api/v1/users/profile', { token: apiKey })).status).toBe(403);
  });

  it('an API key is refused from the moment it is revoked, and its connections end', async () => {
    const { token } = await plane.signUp();
    const { keyId, apiKey } = await issue(token);
    const [open, silent, other] = [
      await listener(plane, apiKey),
      await openSocket(plane, apiKey),
      await listener(plane, token),
    ];
    expect((await sessionsOf(apiKey)).status).toBe(200);
    expect((await revoke(token, keyId)).status).toBe(200);
    expect((await sessionsOf(apiKey)).code).toBe('UNAUTHORIZED');
    expect([open, silent, other].map((each) => plane.clients.closed.has(each))).toEqual([true, true, false]);
    await expect(openSocket(plane, apiKey)).rejects.toThrow('401');
    expect(await list(token)).toEqual([]);
    expect((await revoke(token, keyId)).status).toBe(404);
  });

  it('an API key is revoked by its owner only', async () => {
    const [mine, theirs] = [await plane.signUp(), await plane.signUp()];
    const { keyId, apiKey } = await issue(theirs.token);
    expect((await revoke(mine.token, keyId)).status).toBe(404);
    expect((await sessionsOf(apiKey)).status).toBe(200);
  });

  it('an API key tells when it was last used, without a write of its own', async () => {
    const { token } = await plane.signUp();
    const { apiKey } = await issue(token);
    await sessionsOf(apiKey);
    plane.clock.now += 120_000;
    const calls = countCalls(plane.local.table);
    await sessionsOf(apiKey);
    expect(calls.take().writes).toBe(1);
    const [key] = await list(token);
    const usedAt = Date.parse(key?.lastUsedAt ?? '');
    expect(Math.abs(usedAt - plane.clock.now)).toBeLessThan(1_000);
  });

  it('an API key is one of a bounded number, however many are asked for at once', async () => {
    const { token } = await plane.signUp();
    const ask = () => plane.call('POST', '/api/v1/users/api-keys', { token, body: {} });
    const answers = await Promise.all(Array.from({ length: MAX_KEYS_PER_ACCOUNT + 10 }, ask));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_KEYS_PER_ACCOUNT);
    expect(answers.filter(({ code }) => code === 'CONFLICT')).toHaveLength(10);
    const [first] = await list(token);
    await revoke(token, first?.keyId ?? '');
    expect((await ask()).status).toBe(201);
  });

  it('an API key leaves a name behind, and no more, where its issuing broke off', async () => {
    const { token, userId } = await plane.signUp();
    const names = new Set(Array.from({ length: MAX_KEYS_PER_ACCOUNT }, (_, index) => `k${index}#1`));
    await plane.local.table.update(
      { pk: `KEYS#${userId}`, sk: 'KEYS' },
      { add: { names } },
      z.looseObject({}),
    );
    expect(await list(token)).toEqual([]);
    expect(await issue(token)).toMatchObject({ prefix: expect.stringMatching(/^sk_live_/) });
  });
});

describe('a session’s key', () => {
  it('a session’s key reaches its session only, and answers for others as for missing ones', async () => {
    const { token } = await plane.signUp('PRO');
    const [own, sister] = [
      await createSession(plane, token, 'One'),
      await createSession(plane, token, 'Two'),
    ];
    const { apiKey } = await issueForSession(token, own);
    expect((await plane.call('GET', `/api/v1/sessions/${own}`, { token: apiKey })).status).toBe(200);
    expect((await plane.call('GET', `/api/v1/sessions/${sister}`, { token: apiKey })).status).toBe(404);
    expect((await issueForSession(token, own)).sessionId).toBe(own);
  });

  it('a session’s key stops with the one write that issues it anew', async () => {
    const { token } = await plane.signUp('PRO');
    const sessionId = await createSession(plane, token);
    const old = await issueForSession(token, sessionId);
    const connection = await listener(plane, old.apiKey);
    const renewed = await issueForSession(token, sessionId);
    expect((await sessionsOf(old.apiKey)).code).toBe('UNAUTHORIZED');
    expect((await sessionsOf(renewed.apiKey)).status).toBe(200);
    expect(plane.clients.closed.has(connection)).toBe(true);
    expect(await list(token)).toHaveLength(1);
  });

  it('a session’s key leaves one that works, however many are issued at once', async () => {
    const { token } = await plane.signUp('PRO');
    const sessionId = await createSession(plane, token);
    const issued = await Promise.all(Array.from({ length: 10 }, () => issueForSession(token, sessionId)));
    const answers = await Promise.all(issued.map(({ apiKey }) => sessionsOf(apiKey)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('a session’s key does not outlive its session, not even where the name is taken anew', async () => {
    const { token } = await plane.signUp('PRO');
    const sessionId = await createSession(plane, token);
    const { apiKey } = await issueForSession(token, sessionId);
    const bound = await issue(token, { sessionId });
    await plane.call('DELETE', `/api/v1/sessions/${sessionId}`, { token });
    expect(await createSession(plane, token)).toBe(sessionId);
    for (const key of [apiKey, bound.apiKey]) expect((await sessionsOf(key)).code).toBe('UNAUTHORIZED');
  });

  it('a session’s key is bound to own sessions only', async () => {
    const [mine, theirs] = [await plane.signUp(), await plane.signUp()];
    const foreign = await createSession(plane, theirs.token);
    const body = { sessionId: foreign };
    const bound = await plane.call('POST', '/api/v1/users/api-keys', { token: mine.token, body });
    expect(bound.status).toBe(404);
    const issued = await plane.call('POST', `/api/v1/sessions/${foreign}/api-key`, { token: mine.token });
    expect(issued.status).toBe(404);
  });
});

describe('POST /send', () => {
  const sendWith = (token: string, body: object) =>
    plane.call<SendAnswer>('POST', '/api/v1/send', { token, body: { ...TEXT, ...body } });

  it('POST /send sends with a session’s key alone, and with an account’s key and a session', async () => {
    const { token } = await plane.signUp('PRO');
    const owner = { workerId: 'w1', endpoint: worker.endpoint };
    const { sessionId } = await connectedSession(plane, token, owner);
    const [own, account] = [await issueForSession(token, sessionId), await issue(token)];
    expect((await sendWith(own.apiKey, {})).data).toMatchObject({ sessionId, status: 'sent' });
    expect((await sendWith(account.apiKey, { sessionId })).data).toMatchObject({ sessionId, status: 'sent' });
    expect((await sendWith(account.apiKey, {})).code).toBe('VALIDATION_ERROR');
    expect((await sendWith(own.apiKey, { sessionId: 'nobody-nothing' })).status).toBe(404);
  });
});
