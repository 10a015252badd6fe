import { afterEach, beforeEach, expect, it } from 'vitest';
import { startEdge } from './worker-fixture.ts';

const GROUP_ID = '120363012345678901@g.us';
const TO = '6281234567890@s.whatsapp.net';
const SESSION = 'ada-personal';

let edge: Awaited<ReturnType<typeof startEdge>>;
beforeEach(async () => {
  edge = await startEdge();
  await edge.registry.create({ sessionId: SESSION });
  edge.registry.calls.length = 0;
});
afterEach(() => edge.stop());

const body = (value: unknown) => ({ body: JSON.stringify(value) });
const people = { participants: ['6281234567890'] };

it.each([
  ['GET', '/contacts?limit=2', {}, 'contacts', [{ limit: 2 }]],
  ['POST', '/contacts/check', body({ phoneNumbers: ['+62 812-3456-7890'] }), 'check', [['6281234567890']]],
  ['GET', '/groups', {}, 'groups', [{ limit: 50 }]],
  [
    'POST',
    '/groups',
    body({ subject: 'Us', ...people, epoch: 1 }),
    'createGroup',
    [{ subject: 'Us', participants: [TO] }],
  ],
  ['GET', `/groups/${GROUP_ID}`, {}, 'group', [GROUP_ID]],
  ['PUT', `/groups/${GROUP_ID}`, body({ announce: true }), 'updateGroup', [GROUP_ID, { announce: true }]],
  ['DELETE', `/groups/${GROUP_ID}`, {}, 'leaveGroup', [GROUP_ID]],
  [
    'POST',
    `/groups/${GROUP_ID}/participants`,
    body({ action: 'add', ...people }),
    'changeParticipants',
    [GROUP_ID, { action: 'add', participants: [TO] }],
  ],
  ['POST', '/presence', body({ presence: 'typing', to: TO }), 'presence', [{ presence: 'typing', to: TO }]],
  ['POST', '/messages/3A01/read', body({ to: TO }), 'read', [{ messageId: '3A01', to: TO, from: undefined }]],
] as const)('%s %s reaches the session, without the epoch that it was addressed by', async (...route) => {
  const [method, path, init, verb, args] = route;
  for (const base of ['/api/session', '/session']) {
    const response = await edge.request(method, `${base}/${SESSION}${path}`, init);
    expect(response.ok).toBe(true);
    expect(edge.registry.calls.at(-1)).toMatchObject({ verb, args: [SESSION, ...args] });
  }
});

it.each([
  [
    'POST',
    '/messages/3A01/react',
    { emoji: '👍' },
    { type: 'reaction', reaction: { messageId: '3A01', emoji: '👍' } },
  ],
  ['POST', '/messages/3A01/edit', { message: 'new' }, { type: 'edit', targetId: '3A01', message: 'new' }],
  ['DELETE', '/messages/3A01', { fromMe: true }, { type: 'revoke', targetId: '3A01', fromMe: true }],
] as const)(
  '%s %s is a message of its own, under the id that was chosen for it',
  async (method, path, given, sent) => {
    const actionId = '3EB0AAAABBBBCCCC';
    const response = await edge.request(
      method,
      `/api/session/${SESSION}${path}`,
      body({ ...given, to: TO, actionId, epoch: 3 }),
    );
    expect(await response.json()).toMatchObject({ data: { messageId: actionId, status: 'sent' } });
    expect(edge.registry.calls.at(-1)).toMatchObject({
      verb: 'send',
      args: [SESSION, { ...sent, to: TO, messageId: actionId, epoch: 3 }],
    });
  },
);
