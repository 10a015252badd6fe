import { describe, expect, it } from 'vitest';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { judgeReport, reportTime } from '../../../shared/sessions/session-report.ts';
import { SessionReport } from '../../../shared/workers/reports/schema.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');
const session: SessionItem = {
  sessionId: 'u-phone',
  userId: 'u',
  accountKey: 'k',
  slot: 's',
  name: 'Phone',
  description: null,
  status: 'CONNECTING',
  phoneNumber: null,
  lastActivity: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  epoch: 3,
  rev: 2,
  desired: 'connected',
  authFloor: 0,
  workerId: 'w1',
  seq: 10,
};
const report = (fields: object) =>
  SessionReport.parse({ sessionId: 'u-phone', status: 'connected', ...fields });
const judge = (fields: object, on: Partial<SessionItem> = {}) =>
  judgeReport({ ...session, ...on }, report(fields), NOW);

describe('a report of a session', () => {
  it('a report of a session moves it when it comes from the owner and is the newest', () => {
    expect(judge({ epoch: 3, seq: 11 })).toBe('apply');
  });

  it.each([2, 4])('of epoch %i is refused while the session is in epoch 3', (epoch) => {
    expect(judge({ epoch, seq: 11 })).toBe('stale');
  });

  it.each([10, 9])('numbered %i repeats what is known after number 10', (seq) => {
    expect(judge({ epoch: 3, seq })).toBe('repeat');
  });

  it('a report of a session does not move it where the status machine knows no such step', () => {
    expect(judge({ epoch: 3, seq: 11, status: 'initializing' })).toBe('activity');
    expect(judge({ epoch: 3, seq: 11 }, { status: 'LOGGED_OUT' })).toBe('activity');
  });

  it('a report of a session of a deleted session is refused', () => {
    expect(judge({ epoch: 3, seq: 11 }, { deletedAt: '2026-01-01T00:00:00.000Z' })).toBe('stale');
  });

  it('a report of a session without epoch and seq is ordered by its time', () => {
    const known = { seq: undefined, reportedAt: '2026-01-01T00:00:30.000Z' };
    expect(judge({ timestamp: '2026-01-01T00:00:31Z' }, known)).toBe('apply');
    expect(judge({ timestamp: '2026-01-01T00:00:29Z' }, known)).toBe('repeat');
    expect(judge({ timestamp: '2026-01-01T00:00:30Z' }, { ...known, status: 'CONNECTED' })).toBe('repeat');
    expect(judge({ timestamp: '2026-01-01T00:00:30Z' }, known)).toBe('apply');
  });

  it('a report of a session without an epoch is refused where it names a worker that is not the owner', () => {
    expect(judge({ workerId: 'w2' })).toBe('stale');
    expect(judge({ workerId: 'w1' })).toBe('apply');
  });

  it('a report of a session from a clock that runs ahead counts as made now, so that later ones are not silenced', () => {
    expect(reportTime(report({ timestamp: '2027-01-01T00:00:00Z' }), NOW)).toBe('2026-01-01T00:01:00.000Z');
    expect(reportTime(report({ timestamp: '2026-01-01T01:00:30+01:00' }), NOW)).toBe(
      '2026-01-01T00:00:30.000Z',
    );
  });
});
