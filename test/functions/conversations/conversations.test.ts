import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  type Replies,
  refusedEndpoint,
} from '../../../testing/control-plane/fake-worker.ts';
import { connectedTenant } from '../../../testing/control-plane/scenario.ts';

/** What a worker of another version, or a page of a proxy, may hold. */
const FOREIGN = 'nothing for tenants';
const GROUP_ID = '120363012345678901@g.us';
const group = {
  groupId: GROUP_ID,
  subject: 'Team',
  description: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  size: 1,
  announce: false,
  locked: false,
  role: 'owner',
};
const pagination = { limit: 50, cursor: null, hasMore: false };

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
beforeEach(async () => {
  plane = await startControlPlane();
  ({ token, session, worker } = await connectedTenant(plane));
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const call = (method: string, path: string, body?: object) =>
  plane.call<Record<string, unknown>>(method, `/api/v1/sessions/${session.sessionId}${path}`, {
    token,
    ...(body === undefined ? {} : { body }),
  });

type Case = [keyof Replies, string, string, object | undefined, object, number?];
const CASES: Case[] = [
  ['workerListContacts', 'GET', '/contacts', undefined, { contacts: [], pagination }],
  ['workerCheckContacts', 'POST', '/contacts/check', { phoneNumbers: ['6281234567890'] }, { results: [] }],
  ['workerListGroups', 'GET', '/groups', undefined, { groups: [group], pagination }],
  [
    'workerCreateGroup',
    'POST',
    '/groups',
    { subject: 'Team', participants: ['6281234567890'] },
    { ...group, participants: [] },
    201,
  ],
  ['workerGetGroup', 'GET', `/groups/${GROUP_ID}`, undefined, { ...group, participants: [] }],
  ['workerUpdateGroup', 'PUT', `/groups/${GROUP_ID}`, { locked: true }, { ...group, participants: [] }],
  ['workerLeaveGroup', 'DELETE', `/groups/${GROUP_ID}`, undefined, { groupId: GROUP_ID }],
  [
    'workerChangeParticipants',
    'POST',
    `/groups/${GROUP_ID}/participants`,
    { action: 'ADD', participants: ['6281234567890'] },
    { groupId: GROUP_ID, results: [] },
  ],
  ['workerSetPresence', 'POST', '/presence', { presence: 'available' }, { presence: 'available', to: null }],
  [
    'workerReadMessage',
    'POST',
    '/messages/3A01/read',
    { to: '6281234567890' },
    { messageId: '3A01', to: 'x' },
  ],
];

describe('a question about a session’s conversations', () => {
  it.each(CASES)('goes to its worker: %s', async (id, method, path, body, data, status = 200) => {
    worker.replies = { [id]: { data, status } };
    const answer = await call(method, path, body);
    expect([answer.status, answer.data]).toEqual([status, data]);
    const [asked] = worker.callsOf(id);
    expect(asked?.params).toMatchObject({ sessionId: session.sessionId });
    if (method !== 'GET') expect(asked?.body).toMatchObject({ epoch: session.epoch });
  });

  it.each(CASES)('is answered with what is declared, and nothing beside it: %s', async (id, ...rest) => {
    const [method, path, body, data, status = 200] = rest;
    worker.replies = { [id]: { data: { ...data, ofAnotherVersion: FOREIGN }, status } };
    const answer = await call(method, path, body);
    expect([answer.status, answer.data]).toEqual([status, data]);
  });

  it.each(CASES)('is the worker’s failure where its answer has another form: %s', async (id, ...rest) => {
    const [method, path, body, , status = 200] = rest;
    worker.replies = { [id]: { data: { page: FOREIGN }, status } };
    const lines: string[] = [];
    plane.deps.log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status: 502, code: 'WORKER_ERROR' });
    expect(answer.text).not.toContain(FOREIGN);
    const said = lines.join('');
    expect(said).toContain('answered in another form than it declares');
    expect(said).not.toContain(FOREIGN);
  });

  it('a question about a session’s conversations takes a group’s id with and without its server', async () => {
    worker.replies = { workerLeaveGroup: { data: { groupId: GROUP_ID } } };
    await call('DELETE', `/groups/${GROUP_ID.replace('@g.us', '')}`);
    expect(worker.callsOf('workerLeaveGroup')[0]?.params).toMatchObject({ groupId: GROUP_ID });
  });

  it.each([
    ['FORBIDDEN', 403, 'FORBIDDEN'],
    ['GROUP_NOT_FOUND', 404, 'GROUP_NOT_FOUND'],
    ['CONFLICT', 409, 'CONFLICT'],
    ['WORKER_TIMEOUT', 504, 'WORKER_TIMEOUT'],
    ['NOT_FOUND', 503, 'SESSION_MOVING'],
    ['STALE_OWNER', 503, 'SESSION_MOVING'],
    ['UNAUTHORIZED', 502, 'WORKER_ERROR'],
  ] as const)('tells of the worker’s %s as %i %s', async (given, status, code) => {
    worker.replies = { workerLeaveGroup: { code: given } };
    expect(await call('DELETE', `/groups/${GROUP_ID}`)).toMatchObject({ status, code });
  });

  it('a question about a session’s conversations is refused while the session is not connected, and no worker is asked', async () => {
    await plane.deps.stores.sessions.settle(session, 'DISCONNECTED');
    expect(await call('GET', '/groups')).toMatchObject({ status: 409, code: 'SESSION_NOT_CONNECTED' });
    expect(worker.calls).toEqual([]);
  });

  it('a question about a session’s conversations says so where the worker cannot be reached, or breaks off', async () => {
    worker.replies = { workerListGroups: 'break' };
    expect(await call('GET', '/groups')).toMatchObject({ code: 'WORKER_TIMEOUT' });
    const endpoint = refusedEndpoint();
    await plane.deps.stores.sessions.assign(session, { workerId: 'gone', endpoint, generation: 1 });
    expect(await call('GET', '/groups')).toMatchObject({ code: 'WORKER_UNREACHABLE' });
  });

  it.each([
    ['POST', '/contacts/check', { phoneNumbers: Array(101).fill('6281234567890') }],
    ['POST', '/groups', { subject: 'Team', participants: [GROUP_ID] }],
    ['PUT', `/groups/${GROUP_ID}`, {}],
    ['POST', `/groups/${GROUP_ID}/participants`, { action: 'bless', participants: ['6281234567890'] }],
    ['POST', '/presence', { presence: 'typing' }],
  ])(
    'a question about a session’s conversations is refused with 400 where it makes no sense: %s %s',
    async (method, path, body) => {
      expect(await call(method, path, body)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    },
  );
});
