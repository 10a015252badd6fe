import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSessions } from '../../../shared/workers/heartbeat.ts';
import {
  type Candidate,
  isCandidate,
  placementScore,
  rankWorkers,
} from '../../../shared/workers/placement.ts';

/** The worker of the guide's own heartbeat: 25 of 50 sessions, two of them waiting for a QR, one reconnecting. */
const GUIDE: Candidate = {
  workerId: 'worker-001',
  status: 'ONLINE',
  maxSessions: 50,
  breakdown: { total: 25, connected: 20, disconnected: 2, qr_required: 2, reconnecting: 1, error: 0 },
  cpuUsage: 45.5,
  memoryUsage: 67.8,
  heartbeatAgeMs: 0,
};
const IDLE: Candidate = { ...GUIDE, breakdown: countSessions([]), cpuUsage: 0, memoryUsage: 0 };

describe('the placement score', () => {
  it('the placement score of the guide’s worker is the sum of its parts', () => {
    const capacity = 50;
    const health = 2;
    const resources = 28.325;
    const qr = 10;
    expect(placementScore(GUIDE)).toBeCloseTo(capacity + health + resources + qr, 6);
  });

  it('the placement score of an empty, idle worker heard of just now is zero', () => {
    expect(placementScore(IDLE)).toBe(0);
  });

  it('the placement score gives each part no more than the guide allows it', () => {
    const worst = { total: 50, connected: 0, disconnected: 0, qr_required: 50, reconnecting: 25, error: 25 };
    expect(
      placementScore({ ...IDLE, breakdown: { ...worst, qr_required: 0, reconnecting: 0, error: 0 } }),
    ).toBe(100);
    expect(
      placementScore({ ...IDLE, breakdown: { ...IDLE.breakdown, total: 1, error: 1 }, maxSessions: 1e9 }),
    ).toBeCloseTo(50, 5);
    expect(placementScore({ ...IDLE, cpuUsage: 500, memoryUsage: 500 })).toBe(50);
    expect(placementScore({ ...IDLE, heartbeatAgeMs: 1e9 })).toBe(25);
    expect(placementScore({ ...IDLE, breakdown: { ...IDLE.breakdown, qr_required: 50 } })).toBe(25);
  });

  it('the placement score rises with load, trouble and silence', () => {
    const more = fc.record({
      sessions: fc.integer({ min: 1, max: 20 }),
      cpu: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(more, ({ sessions, cpu }) => {
        const busier = { ...GUIDE, cpuUsage: GUIDE.cpuUsage + cpu };
        const fuller = { ...IDLE, breakdown: { ...IDLE.breakdown, total: sessions, connected: sessions } };
        expect(placementScore(busier)).toBeGreaterThan(placementScore(GUIDE));
        expect(placementScore(fuller)).toBeGreaterThan(placementScore(IDLE));
      }),
    );
  });
});

describe('the ranking', () => {
  it('the ranking puts the lowest total first and leaves out who takes no sessions', () => {
    const workers: Candidate[] = [
      { ...GUIDE, workerId: 'busy' },
      { ...IDLE, workerId: 'off', status: 'OFFLINE' },
      { ...IDLE, workerId: 'draining', status: 'DRAINING' },
      { ...IDLE, workerId: 'repair', status: 'MAINTENANCE' },
      { ...IDLE, workerId: 'silent', heartbeatAgeMs: 90_000 },
      { ...IDLE, workerId: 'full', maxSessions: 0 },
      { ...IDLE, workerId: 'idle' },
    ];
    expect(rankWorkers(workers).map(({ workerId }) => workerId)).toEqual(['idle', 'busy']);
    expect(isCandidate({ ...GUIDE, maxSessions: 25 })).toBe(false);
  });

  it('the ranking can be repeated where scores are equal', () => {
    const workers = ['c', 'a', 'b'].map((workerId) => ({ ...IDLE, workerId }));
    expect(rankWorkers(workers).map(({ workerId }) => workerId)).toEqual(['a', 'b', 'c']);
  });
});
