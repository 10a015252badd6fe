import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_STATUSES } from '../../../shared/sessions/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { createSessionStore, type SessionStore } from '../../../shared/sessions/store.ts';
import { SessionReport } from '../../../shared/workers/reports/schema.ts';
import { type LocalTable, startLocalTable } from '../../../testing/control-plane/local-table.ts';

let local: LocalTable;
let sessions: SessionStore;
const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
beforeAll(async () => {
  local = await startLocalTable();
  sessions = createSessionStore(local.table, () => clock.now);
});
afterAll(() => local.close());

const w1 = { workerId: 'w1', endpoint: 'http://127.0.0.1:1', generation: 1 };
const w2 = { workerId: 'w2', endpoint: 'http://127.0.0.1:2', generation: 1 };

const input = (sessionId: string, slot = 'slot') => ({
  sessionId,
  userId: 'u',
  accountKey: 'k',
  slot,
  name: 'Phone',
  description: null,
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the write did not happen');
  return value;
}

const create = async () => present(await sessions.create(input(`u-${randomUUID()}`)));
const assigned = async () =>
  present(await sessions.assign(await create(), w1, { desired: 'connected', status: 'INITIALIZING' }));

function apply(session: SessionItem, fields: object) {
  const { sessionId, epoch } = session;
  return sessions.applyReport(session, SessionReport.parse({ sessionId, epoch, ...fields }));
}

describe('creating a session', () => {
  it('creating a session happens once, however many try it at once', async () => {
    const sessionId = `u-${randomUUID()}`;
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, index) => sessions.create(input(sessionId, `slot-${index}`))),
    );
    expect(tries.filter((session) => session !== undefined)).toHaveLength(1);
  });

  it('after a deletion goes on above the old epoch, with the old credentials void', async () => {
    const owned = await assigned();
    const buried = present(await sessions.bury(owned));
    expect(buried).toMatchObject({ desired: 'deleted', epoch: 1, authFloor: 2, workerId: 'w1' });
    const again = present(await sessions.create(input(owned.sessionId, 'another')));
    expect(again).toMatchObject({ epoch: 2, authFloor: 2, status: 'DISCONNECTED' });
    expect(again.deletedAt).toBeUndefined();
    expect(await sessions.listIdsOfWorker('w1')).not.toContain(owned.sessionId);
  });
});

describe('ownership', () => {
  it('ownership passes to one of many that try to take it at once', async () => {
    const session = await create();
    const tries = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        sessions.assign(session, { ...w1, workerId: `race-${index}` }),
      ),
    );
    expect(tries.filter((each) => each !== undefined)).toHaveLength(1);
    expect((await sessions.get(session.sessionId))?.epoch).toBe(1);
  });

  it('ownership rises in epoch with each assignment and starts the count of reports anew', async () => {
    const owned = await assigned();
    const { session } = await apply(owned, { seq: 7, status: 'connected' });
    const moved = present(await sessions.assign(session, w2));
    expect(moved).toMatchObject({ epoch: 2, workerId: 'w2' });
    expect(moved.seq).toBeUndefined();
    expect(await apply(moved, { seq: 1, status: 'reconnecting' })).toMatchObject({ verdict: 'apply' });
  });

  it('ownership is found by worker', async () => {
    const { sessionId } = await assigned();
    expect(await sessions.listIdsOfWorker('w1')).toContain(sessionId);
    expect(await sessions.listIdsOfWorker('w2')).not.toContain(sessionId);
  });

  it('ownership that ends leaves the session to any worker, and its old owner without a say', async () => {
    const owned = await assigned();
    const waiting = present(await sessions.unassign(owned, { unplaced: true }));
    expect(waiting.workerId).toBeUndefined();
    expect(await sessions.listUnplacedIds(100)).toContain(owned.sessionId);
    expect(await apply(owned, { seq: 1, status: 'connected' })).toMatchObject({ verdict: 'stale' });
  });

  it('ownership keeps every wish in order: rev rises, and a wish on an old reading changes nothing', async () => {
    const owned = await assigned();
    const wished = present(await sessions.wish(owned, 'disconnected'));
    expect(wished.rev).toBe(owned.rev + 1);
    expect(await sessions.wish(owned, 'connected')).toBeUndefined();
    expect((await sessions.get(owned.sessionId))?.desired).toBe('disconnected');
  });
});

describe('reports', () => {
  it('reports that come late or again do not move the state back', async () => {
    const owned = await assigned();
    await apply(owned, { seq: 5, status: 'connected', phoneNumber: '6281234567890' });
    for (const seq of [4, 5])
      expect(await apply(owned, { seq, status: 'reconnecting' })).toMatchObject({ verdict: 'repeat' });
    expect(await sessions.get(owned.sessionId)).toMatchObject({
      status: 'CONNECTED',
      phoneNumber: '+6281234567890',
    });
  });

  it('reports in any order and all at once end in the newest state', async () => {
    const statuses = [
      'connecting',
      'qr_required',
      'qr_required',
      'connecting',
      'connected',
      'reconnecting',
      'connected',
      'disconnected',
    ];
    const numbered = statuses.map((status, index) => ({ seq: index + 1, status, qrString: 'q' }));
    const newestAmidst = [...numbered.slice(4), ...numbered.slice(0, 4)];
    for (const order of [numbered, numbered.toReversed(), newestAmidst]) {
      const owned = await assigned();
      await Promise.all(order.map((fields) => apply(owned, fields)));
      expect(await sessions.get(owned.sessionId)).toMatchObject({
        status: 'DISCONNECTED',
        seq: statuses.length,
      });
    }
  });

  it('reports of an earlier epoch never move the session', async () => {
    const owned = await assigned();
    present(await sessions.assign(owned, w2));
    for (const status of SESSION_STATUSES)
      expect(await apply(owned, { seq: 100, status })).toMatchObject({ verdict: 'stale' });
    expect(await sessions.get(owned.sessionId)).toMatchObject({ epoch: 2, status: 'INITIALIZING' });
  });

  it('reports of a QR are on the session until another status comes', async () => {
    const owned = await assigned();
    const shown = await apply(owned, {
      seq: 1,
      status: 'qr_required',
      qrString: '2@abc',
      qrCode: 'data:image/png;base64,AA==',
    });
    expect(shown.session).toMatchObject({ status: 'QR_REQUIRED', qrString: '2@abc' });
    expect(shown.session.qrCode).toBeUndefined();
    const { session } = await apply(owned, { seq: 2, status: 'connected' });
    expect([session.qrString, session.qrExpiresAt]).toEqual([undefined, undefined]);
  });

  it('reports of a logout end the ownership and void the credentials', async () => {
    const owned = await assigned();
    await apply(owned, { seq: 1, status: 'connected', phoneNumber: '+62811' });
    const { session } = await apply(owned, { seq: 2, status: 'logged_out' });
    expect(session).toMatchObject({ status: 'LOGGED_OUT', phoneNumber: null, authFloor: owned.epoch + 1 });
    expect(await sessions.listIdsOfWorker('w1')).not.toContain(owned.sessionId);
  });

  it('reports without epoch and seq are ordered by time', async () => {
    const owned = await assigned();
    const seed = (timestamp: string, status: string) =>
      sessions.applyReport(owned, SessionReport.parse({ sessionId: owned.sessionId, status, timestamp }));
    clock.now = Date.parse('2026-01-01T00:10:00Z');
    await seed('2026-01-01T00:00:05Z', 'connected');
    expect(await seed('2026-01-01T00:00:04Z', 'qr_required')).toMatchObject({ verdict: 'repeat' });
    expect(await sessions.get(owned.sessionId)).toMatchObject({ status: 'CONNECTED' });
  });
});

describe('deletion', () => {
  it('deletion of a session that nobody owns waits for a worker, until its purge is confirmed', async () => {
    const owned = await assigned();
    const parked = present(await sessions.unassign(owned, { unplaced: false }));
    const buried = present(await sessions.bury(parked));
    expect(await sessions.listUnplacedIds(100)).toContain(owned.sessionId);
    const adopted = present(await sessions.assign(buried, w2));
    expect(adopted).toMatchObject({ desired: 'deleted', workerId: 'w2' });
    await sessions.settleBurial(adopted);
    expect(await sessions.listIdsOfWorker('w2')).not.toContain(owned.sessionId);
    expect(await sessions.get(owned.sessionId)).toMatchObject({ epoch: adopted.epoch });
  });
});
