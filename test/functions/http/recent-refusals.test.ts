import { describe, expect, it } from 'vitest';
import { RecentRefusals } from '../../../functions/http/recent-refusals.ts';

const caller = { kind: 'worker' } as const;
const headers = { 'ratelimit-remaining': '0' };

function refusals() {
  const clock = { now: 1_000 };
  return { clock, recent: new RecentRefusals(() => clock.now) };
}

describe('a refused credential', () => {
  it('a refused credential is known until its bucket has a token again, and not one millisecond longer', () => {
    const { clock, recent } = refusals();
    recent.remember('Bearer a', { caller, retryAfterMs: 40, headers });
    clock.now += 39;
    expect(recent.of('Bearer a')).toEqual({ caller, until: 1_040, headers });
    clock.now += 1;
    expect(recent.of('Bearer a')).toBeUndefined();
  });

  it('a refused credential says nothing of others', () => {
    const { recent } = refusals();
    recent.remember('Bearer a', { caller, retryAfterMs: 40, headers });
    expect(recent.of('Bearer b')).toBeUndefined();
    expect(recent.of(undefined)).toBeUndefined();
  });

  it('a refused credential is asked for anew within a second, however long its bucket needs', () => {
    const { clock, recent } = refusals();
    recent.remember('Bearer a', { caller, retryAfterMs: 60_000, headers });
    clock.now += 1_000;
    expect(recent.of('Bearer a')).toBeUndefined();
  });

  it('a refused credential takes bounded room, however many there are', () => {
    const { recent } = refusals();
    for (let each = 0; each < 5_000; each += 1)
      recent.remember(`Bearer ${each}`, { caller, retryAfterMs: 40, headers });
    const known = Array.from({ length: 5_000 }, (_, each) => recent.of(`Bearer ${each}`)).filter(Boolean);
    expect(known.length).toBeLessThanOrEqual(1_000);
    expect(known.length).toBeGreaterThan(0);
  });
});
