import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ADDRESS_RATE, REQUEST_RATES } from '../../../shared/limits/rates.ts';
import { intervalMs } from '../../../shared/limits/token-bucket.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { countWritesByCall } from '../../../testing/control-plane/count-writes-by-call.ts';
import { type FakeWorker, sends, startFakeWorker } from '../../../testing/control-plane/fake-worker.ts';
import { connectedSession } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;

beforeAll(async () => {
  plane = await startControlPlane();
  worker = await startFakeWorker({ workerSend: sends });
});
afterAll(async () => {
  await plane.close();
  await worker.close();
});

/** As if an account had used all of its burst but so many just now. */
async function useUp({ token, userId }: { token: string; userId: string }, left: number): Promise<void> {
  await plane.call('GET', '/api/v1/users/profile', { token });
  const { account: rate } = REQUEST_RATES.BASIC;
  const level = plane.clock.now + (rate.burst - left) * intervalMs(rate);
  const key = { pk: `GUARD#${userId}`, sk: 'GUARD' };
  await plane.local.table.update(key, { set: { account: level } }, z.looseObject({}));
}

const TEXT = { to: '6281234567890', type: 'text', message: 'hello' };

describe('one tenant at ten times its rate', () => {
  it('one tenant at ten times its rate is refused cheaply, short of any worker, while another tenant’s calls all succeed', async () => {
    const [greedy, modest] = [await plane.signUp('BASIC'), await plane.signUp('BASIC')];
    const owner = { workerId: 'w1', endpoint: worker.endpoint };
    const [hot, calm] = [
      await connectedSession(plane, greedy.token, owner),
      await connectedSession(plane, modest.token, owner),
    ];
    const issue = { token: greedy.token, body: {} };
    const issued = await plane.call<{ apiKey: string }>('POST', '/api/v1/users/api-keys', issue);
    const send = (token: string, sessionId: string) =>
      plane.call('POST', `/api/v1/sessions/${sessionId}/send`, { token, body: TEXT });
    const writesOf = countWritesByCall(plane.local.table);
    worker.calls.length = 0;

    const { perSecond, burst } = REQUEST_RATES.BASIC.key;
    const [seconds, slices] = [1, 10];
    const storm: { status: number; writes: number }[] = [];
    for (let slice = 0; slice < seconds * slices; slice += 1) {
      plane.clock.now += 1_000 / slices;
      const calls = Array.from({ length: (10 * perSecond) / slices }, () =>
        writesOf(() => send(issued.data.apiKey, hot.sessionId)),
      );
      const [theirs, ...all] = await Promise.all([send(modest.token, calm.sessionId), ...calls]);
      expect(theirs.status).toBe(200);
      storm.push(...all);
    }
    const beyond = storm.filter(({ status }) => status === 429);
    const within = storm.filter(({ status }) => status === 200);
    expect(beyond.length + within.length).toBe(10 * perSecond * seconds);
    expect(within.length).toBeLessThanOrEqual(burst + perSecond * seconds);
    expect(beyond.length).toBeGreaterThan(50);
    expect(Math.max(...beyond.map(({ writes }) => writes))).toBeLessThanOrEqual(2);
    const sends = worker.callsOf('workerSend').map(({ params }) => params['sessionId']);
    expect(sends.filter((sessionId) => sessionId === hot.sessionId)).toHaveLength(within.length);
    expect(sends.filter((sessionId) => sessionId === calm.sessionId)).toHaveLength(seconds * slices);
  });
});

describe('the answers', () => {
  it('the answers tell how much is left, and when to come back', async () => {
    const { token, userId } = await plane.signUp('BASIC');
    const { burst } = REQUEST_RATES.BASIC.account;
    const first = await plane.call('GET', '/api/v1/users/profile', { token });
    expect(first.headers).toMatchObject({
      'ratelimit-limit': String(burst),
      'ratelimit-remaining': String(burst - 1),
      'ratelimit-reset': '1',
    });
    await useUp({ token, userId }, 0);
    const refused = await plane.call('GET', '/api/v1/users/profile', { token });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refused.headers).toMatchObject({ 'retry-after': '1', 'ratelimit-remaining': '0' });
  });

  it('the answers to whoever was refused a moment ago cost no look at the table, and end when there is a token again', async () => {
    const { token, userId } = await plane.signUp('BASIC');
    await useUp({ token, userId }, 0);
    const ask = () => plane.call('GET', '/api/v1/users/profile', { token });
    const first = await ask();
    // Were it looked at, it would let everybody in.
    await plane.local.table.delete({ pk: `GUARD#${userId}`, sk: 'GUARD' });
    const again = await ask();
    expect([first.status, again.status]).toEqual([429, 429]);
    expect(again.headers).toMatchObject({ 'retry-after': '1', 'ratelimit-remaining': '0' });
    plane.clock.now += intervalMs(REQUEST_RATES.BASIC.account);
    expect((await ask()).status).toBe(200);
  });
});

describe('the public routes of accounts', () => {
  it('the public routes of accounts are limited by source address, whatever a header says', async () => {
    const ask = (sourceIp: string) =>
      plane.call('POST', '/api/v1/auth/logout', {
        sourceIp,
        body: { refreshToken: 'x' },
        headers: { 'x-forwarded-for': crypto.randomUUID() },
      });
    for (let used = 0; used < ADDRESS_RATE.burst; used += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('203.0.113.7')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    expect((await ask('203.0.113.7')).status).toBe(429);
    expect((await ask('203.0.113.8')).status).toBe(200);
  });
});
