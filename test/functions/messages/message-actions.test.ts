import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageRecord } from '../../../shared/messages/outbox/routes.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, sends } from '../../../testing/control-plane/fake-worker.ts';
import { connectedTenant } from '../../../testing/control-plane/scenario.ts';

const TO = '6281234567890@s.whatsapp.net';
const THEIRS = '3A00000000000000';

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
let ours: string;

beforeEach(async () => {
  plane = await startControlPlane();
  ({ token, session, worker } = await connectedTenant(plane));
  worker.replies = { workerSend: sends, workerReact: sends, workerEdit: sends, workerRevoke: sends };
  ours = String((await post('/send', { to: TO, type: 'text', message: 'Hi' })).data['messageId']);
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

function call(
  method: string,
  path: string,
  options: { body?: object; query?: Record<string, string>; headers?: Record<string, string> } = {},
) {
  const url = `/api/v1/sessions/${session.sessionId}${path}`;
  return plane.call<Record<string, unknown>>(method, url, { token, ...options });
}
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  call('POST', path, { body, headers });

describe('a reaction', () => {
  it('a reaction to a message of ours needs no chat: the gateway knows where it went', async () => {
    const { status, data } = await post(`/messages/${ours}/react`, { emoji: '👍' });
    expect([status, data['status']]).toEqual([200, 'sent']);
    const [asked] = worker.callsOf('workerReact');
    expect(asked?.body).toMatchObject({ to: TO, fromMe: true, emoji: '👍', actionId: data['messageId'] });
    expect(asked?.params['messageId']).toBe(ours);
    const record = await plane.deps.stores.messages.get(session.sessionId, String(data['messageId']));
    expect(record).toMatchObject({ type: 'reaction', status: 'sent', to: TO });
  });

  it('a reaction to a message of theirs names its chat, without which it is 404', async () => {
    expect(await post(`/messages/${THEIRS}/react`, { emoji: '👍' })).toMatchObject({ status: 404 });
    const answer = await post(`/messages/${THEIRS}/react`, { emoji: '👍', to: TO });
    expect(answer.status).toBe(200);
    expect(worker.callsOf('workerReact')[0]?.body).not.toHaveProperty('fromMe');
  });

  it('a reaction with an Idempotency-Key leaves once, and gives its first answer again', async () => {
    const again = () => post(`/messages/${ours}/react`, { emoji: '👍' }, { 'idempotency-key': 'once' });
    const [first, second] = [await again(), await again()];
    expect(second.data).toEqual(first.data);
    expect(worker.callsOf('workerReact')).toHaveLength(1);
  });

  it('a reaction is 202, never an error, when the worker breaks off: it may be on its way', async () => {
    worker.replies = { workerReact: 'break' };
    const answer = await post(`/messages/${ours}/react`, { emoji: '👍' });
    expect([answer.status, answer.data['status']]).toEqual([202, 'pending']);
  });
});

describe('an edit', () => {
  it('an edit is handed to the worker, whose refusal is told as it is', async () => {
    const edit = () => post(`/messages/${ours}/edit`, { message: 'Hello' });
    expect((await edit()).status).toBe(200);
    expect(worker.callsOf('workerEdit')[0]?.body).toMatchObject({ to: TO, message: 'Hello' });
    worker.replies = { workerEdit: { code: 'CONFLICT' } };
    expect(await edit()).toMatchObject({ status: 409, code: 'CONFLICT' });
  });
});

describe('deleting a message', () => {
  const remove = (id: string, query = {}) => call('DELETE', `/messages/${id}`, { query });

  it('deleting a message that was sent revokes it for everyone, once, however often it is asked for', async () => {
    const first = await remove(ours);
    expect(first.status).toBe(200);
    expect(first.data).toMatchObject({
      type: 'revoke',
      status: 'sent',
      to: TO,
    } satisfies Partial<MessageRecord>);
    const second = await remove(ours);
    expect(second.data['messageId']).toBe(first.data['messageId']);
    expect(worker.callsOf('workerRevoke')).toHaveLength(1);
    expect(worker.callsOf('workerRevoke')[0]?.body).toMatchObject({ to: TO, fromMe: true });
  });

  it('deleting a message of somebody else in a group hands the rule to the worker', async () => {
    worker.replies = { workerRevoke: { code: 'FORBIDDEN' } };
    const groupId = '120363012345678901@g.us';
    const query = { to: groupId, from: '6281234567890' };
    expect(await remove(THEIRS, query)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(worker.callsOf('workerRevoke')[0]?.body).toMatchObject({ to: groupId, from: TO });
  });

  it('deleting a message that was refused, or is on its way, is 409, and one that nobody knows 404', async () => {
    worker.replies = { workerSend: { code: 'MESSAGE_REJECTED' } };
    await post('/send', { to: TO, type: 'text', message: 'No' });
    const refused = String(worker.callsOf('workerSend').at(-1)?.body['messageId']);
    worker.replies = { workerSend: 'break' };
    const pending = await post('/send', { to: TO, type: 'text', message: 'Perhaps' });
    expect(await remove(refused)).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(await remove(String(pending.data['messageId']))).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(await remove(THEIRS)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});
