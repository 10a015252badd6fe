import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryPage } from '../../../shared/messages/history/history-query.ts';
import type { MessageRecord } from '../../../shared/messages/outbox/routes.ts';
import { MESSAGE_TYPES } from '../../../shared/messages/schema.ts';
import type { ObjectBucket } from '../../../shared/objects/object-reader.ts';
import { NO_BUCKET } from '../../../shared/objects/open-bucket.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import type { FakeWorker } from '../../../testing/control-plane/fake-worker.ts';
import { connectedTenant } from '../../../testing/control-plane/scenario.ts';
import { MapStore } from '../../../testing/storage/map-store.ts';
import {
  message,
  messageRecords,
  statusRecord,
  writeParts,
} from '../../shared/messages/history/history-fixture.ts';

/** The reading half of a bucket, over whatever `store` is; the rest is not asked for here. */
let store = new MapStore();
let reads = 0;
const objects: ObjectBucket = {
  ...NO_BUCKET,
  list: async (prefix) => {
    reads += 1;
    return (await store.list(prefix)).map((found) => ({ ...found, modifiedAt: 0 }));
  },
  get: (key) => store.get(key),
};

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
beforeAll(async () => {
  plane = await startControlPlane({ objects });
});
beforeEach(async () => {
  store = new MapStore();
  reads = 0;
  ({ token, session, worker } = await connectedTenant(plane));
});
afterEach(async () => {
  await worker.close();
});
afterAll(() => plane.close());

const list = (query: Record<string, string> = {}, caller = token) =>
  plane.call<HistoryPage>('GET', `/api/v1/sessions/${session.sessionId}/messages`, { token: caller, query });
const get = (messageId: string) =>
  plane.call<MessageRecord>('GET', `/api/v1/sessions/${session.sessionId}/messages/${messageId}`, { token });
const written = (count: number, epoch = 1) =>
  writeParts(store, [...messageRecords(count), statusRecord(2, 'read')], 10, epoch, session.sessionId);

const live: HistoryPage = {
  messages: [message(7)],
  total: 1,
  hasMore: false,
  pagination: { total: 1, limit: 50, offset: 0 },
};

describe('a listing', () => {
  it('a listing is the worker’s, where one runs the session: it knows what is not written yet', async () => {
    worker.replies = { workerListMessages: { data: live } };
    expect((await list()).data).toEqual(live);
    expect(reads).toBe(0);
  });

  it.each([
    ['breaks off', 'break' as const],
    ['does not hold it', { code: 'NOT_FOUND' as const }],
    ['cannot read storage', { code: 'STORAGE_UNAVAILABLE' as const }],
    ['knows no such route', 'no-such-route' as const],
    ['answers in another form', { data: { messages: [{ text: 'hi' }] } }],
  ])('a listing comes from storage where the worker %s', async (_, reply) => {
    worker.replies = { workerListMessages: reply };
    await written(30);
    const { data } = await list({ limit: '2', offset: '1' });
    expect(data).toMatchObject({ total: 30, hasMore: true, pagination: { total: 30, limit: 2, offset: 1 } });
    expect(data.messages.map(({ id }) => id)).toEqual(['M-28', 'M-27']);
  });

  it('a listing takes its filters in any case, and refuses what is none with a sentence', async () => {
    await written(30);
    const { data } = await list({ direction: 'OUTBOUND', status: 'Read', type: 'TEXT', with: '62811' });
    expect(data.messages.map(({ id }) => id)).toEqual(['M-2']);
    const bad: Record<string, string>[] = [
      { limit: '0' },
      { limit: '101' },
      { from: 'yesterday' },
      { status: 'lost' },
    ];
    for (const query of bad)
      expect(await list(query)).toMatchObject({
        status: 400,
        code: 'VALIDATION_ERROR',
      });
  });

  it('a listing of a type that no message has is refused with those that there are', async () => {
    expect(await list({ type: 'fax' })).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      body: { error: expect.stringContaining(MESSAGE_TYPES.join(', ')), details: [{ path: 'type' }] },
    });
  });

  it('a listing of another tenant’s session is 404, whatever is there', async () => {
    await written(3);
    expect(await list({}, (await plane.signUp()).token)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('a listing shows nothing of a deleted session of the same name', async () => {
    const { sessions } = plane.deps.stores;
    await written(3, session.epoch);
    const path = `/api/v1/sessions/${session.sessionId}`;
    worker.replies = { workerDeleteSession: { data: { sessionId: session.sessionId } } };
    await plane.call('DELETE', path, { token });
    await plane.call('POST', '/api/v1/sessions', { token, body: { name: session.name } });
    expect((await sessions.get(session.sessionId))?.epoch).toBeGreaterThan(session.epoch);
    // A paused owner of the first one writes late.
    await written(3, session.epoch);
    expect((await list()).data).toMatchObject({ messages: [], total: 0 });
  });
});

describe('one message', () => {
  it('one message that was received is found in the history, text and all', async () => {
    await written(30);
    expect((await get('M-3')).data).toMatchObject({
      messageId: 'M-3',
      sessionId: session.sessionId,
      status: 'delivered',
      message: { direction: 'inbound', content: 'text 3' },
    });
  });

  it('one message that was sent long ago has its status timeline', async () => {
    await written(30);
    const { data } = await get('M-2');
    expect([data.status, ...data.timeline.map(({ status }) => status)]).toEqual(['read', 'pending', 'read']);
  });

  it('one message comes from the worker where that knows it already', async () => {
    worker.replies = { workerGetMessage: { data: { message: message(3), timeline: [] } } };
    expect((await get('M-3')).data).toMatchObject({ message: { id: 'M-3' } });
    expect(reads).toBe(0);
  });

  it('one message that nobody knows is 404', async () => {
    await written(3);
    expect(await get('M-404')).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});
