import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { getMessageAnalytics, getSessionAnalytics, getUsage } from '../../../shared/usage/routes.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, sends, startFakeWorker } from '../../../testing/control-plane/fake-worker.ts';
import { connectedSession } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const TEXT = { to: '6281234567890', type: 'text', message: 'hello' };

beforeAll(async () => {
  plane = await startControlPlane();
  worker = await startFakeWorker({
    workerSend: sends,
    workerReact: sends,
    workerEdit: sends,
    workerRevoke: sends,
  });
});
afterAll(async () => {
  await plane.close();
  await worker.close();
});
/** Time passes; the tenant logs in again, since a login lasts for minutes. */
async function later(timeMs: number): Promise<void> {
  plane.clock.now = timeMs;
  const account = await plane.deps.stores.accounts.findByUserId(session.userId);
  if (account === undefined) throw new Error('no account');
  token = (await plane.deps.accessTokens.issue(account)).accessToken;
}

beforeEach(async () => {
  plane.clock.now = NOON;
  token = (await plane.signUp()).token;
  session = await connectedSession(plane, token, { workerId: 'w1', endpoint: worker.endpoint });
});

async function send(): Promise<string> {
  const path = `/api/v1/sessions/${session.sessionId}/send`;
  const { data } = await plane.call<{ messageId: string }>('POST', path, { token, body: TEXT });
  return data.messageId;
}
const report = (body: object) =>
  plane.call('POST', '/api/v1/webhooks/message-status', {
    token: WORKER_TOKEN,
    body: { sessionId: session.sessionId, epoch: session.epoch, ...body },
  });
const receive = (seq: number, type = 'text') =>
  plane.call('POST', '/api/v1/workers/w1/events', {
    token: WORKER_TOKEN,
    body: {
      event: 'message_received',
      sessionId: session.sessionId,
      epoch: session.epoch,
      seq,
      id: `e${seq}`,
      data: { id: `m${seq}`, type },
      timestamp: new Date(plane.clock.now).toISOString(),
    },
  });
const status = (seq: number, word: string) =>
  plane.call('POST', '/api/v1/webhooks/session-status', {
    token: WORKER_TOKEN,
    body: {
      sessionId: session.sessionId,
      epoch: session.epoch,
      seq,
      status: word,
      timestamp: new Date(plane.clock.now).toISOString(),
    },
  });
async function ask<R extends { answer: z.ZodType }>(path: string, query: Record<string, string> = {}) {
  return (await plane.call<z.output<R['answer']>>('GET', `/api/v1/${path}`, { token, query })).data;
}
const messages = (query?: Record<string, string>) =>
  ask<typeof getMessageAnalytics>('analytics/messages', query);
const sessions = () => ask<typeof getSessionAnalytics>('analytics/sessions');

describe('messages', () => {
  it('messages are counted once each, by direction, type and status, however often they are reported', async () => {
    const messageId = await send();
    await report({ messageId, status: 'sent' });
    for (let repeat = 0; repeat < 3; repeat += 1) await report({ messageId, status: 'delivered' });
    await report({ messageId, status: 'read' });
    for (const seq of [10, 11, 11, 10]) await receive(seq);
    await receive(12, 'image');
    expect(await messages()).toMatchObject({
      totals: { sent: 1, received: 3 },
      bySession: [{ sessionId: session.sessionId, sent: 1, received: 3 }],
      byType: { text: 3, image: 1 },
      byStatus: { sent: 1, delivered: 1, read: 1 },
    });
  });

  it('messages count as sent where the first that is heard of them is that they were delivered', async () => {
    await report({ messageId: '3EB0000000000000', status: 'delivered' });
    await report({ messageId: '3EB0000000000000', status: 'sent' });
    expect((await messages()).totals.sent).toBe(1);
  });

  it('messages do not count as sent when they failed', async () => {
    await report({ messageId: '3EB0000000000001', status: 'failed', errorCode: '463' });
    expect(await messages()).toMatchObject({ totals: { sent: 0 }, byStatus: { failed: 1 } });
  });

  it('messages are not what is said about them: reactions, edits and revocations', async () => {
    const target = await send();
    const counted = await messages();
    const path = `/api/v1/sessions/${session.sessionId}`;
    const act = async (method: string, rest: string, body?: object) => {
      const answer = await plane.call<{ messageId: string }>(method, `${path}${rest}`, {
        token,
        ...(body && { body }),
      });
      expect(answer.status).toBe(200);
      await report({ messageId: answer.data.messageId, status: 'delivered' });
    };
    await act('POST', `/messages/${target}/react`, { emoji: '👍' });
    const reaction = { messageId: target, emoji: '🎉' };
    await act('POST', '/send', { to: TEXT.to, type: 'reaction', reaction });
    await act('POST', `/messages/${target}/edit`, { message: 'Hello' });
    await act('DELETE', `/messages/${target}`);
    expect(await messages()).toEqual(counted);
  });

  it('messages stand on their day, and are asked for by range and session', async () => {
    await send();
    await later(NOON + 86_400_000);
    await send();
    const range = { from: '2026-11-22', to: '2026-11-22' };
    expect((await messages(range)).byDay).toEqual([{ day: '2026-11-22', sent: 1, received: 0 }]);
    expect((await messages({ sessionId: 'another' })).totals).toEqual({ sent: 0, received: 0 });
    expect((await messages()).byDay).toHaveLength(30);
  });

  it('messages of one tenant are in no other’s counts', async () => {
    await send();
    token = (await plane.signUp()).token;
    expect((await messages()).totals).toEqual({ sent: 0, received: 0 });
  });

  it('messages show in the usage of the account beside its sessions', async () => {
    await send();
    await receive(10);
    const usage = await ask<typeof getUsage>('users/usage');
    expect(usage).toMatchObject({
      tier: 'PRO',
      sessions: { used: 1, limit: 5 },
      messages: { sent: 1, received: 1 },
    });
    expect(usage.messages.byDay.at(-1)).toEqual({ day: '2026-11-21', sent: 1, received: 1 });
  });
});

describe('connected time', () => {
  it('connected time counts while it lasts and once it has ended, on the days it fell on', async () => {
    await status(2, 'disconnected');
    await status(3, 'connected');
    await later(Date.parse('2026-11-22T01:00:00.000Z'));
    const byDay = [
      { day: '2026-11-21', connectedSeconds: 12 * 3_600 },
      { day: '2026-11-22', connectedSeconds: 3_600 },
    ];
    const expected = { sessionId: session.sessionId, connectedSeconds: 13 * 3_600, connects: 1, byDay };
    expect((await sessions()).sessions).toEqual([expected]);
    await status(4, 'disconnected');
    await status(4, 'disconnected');
    await later(plane.clock.now + 3_600_000);
    expect((await sessions()).sessions).toEqual([expected]);
  });

  it('connected time goes on over a short break', async () => {
    await status(2, 'disconnected');
    await status(3, 'connected');
    plane.clock.now += 60_000;
    await status(4, 'reconnecting');
    plane.clock.now += 60_000;
    await status(5, 'connected');
    plane.clock.now += 60_000;
    expect((await sessions()).sessions).toMatchObject([{ connectedSeconds: 180, connects: 1 }]);
  });
});
