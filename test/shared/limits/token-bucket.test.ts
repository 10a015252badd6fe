import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalMs, type Level, mayTake, remaining, waitMs } from '../../../shared/limits/token-bucket.ts';

const rates = fc.record({
  perSecond: fc.integer({ min: 1, max: 500 }),
  burst: fc.integer({ min: 1, max: 1000 }),
});

/** What the store does, without a store. */
function take(level: Level, rate: { perSecond: number; burst: number }, now: number): Level {
  return Math.max(level ?? 0, now) + intervalMs(rate);
}

describe('a token bucket', () => {
  it('a token bucket lets a burst through at once and then refuses', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 2 ** 40 }), (rate, now) => {
        let level: Level;
        for (let taken = 0; taken < rate.burst; taken += 1) {
          expect(mayTake(level, rate, now)).toBe(true);
          expect(remaining(level, rate, now)).toBe(rate.burst - taken);
          level = take(level, rate, now);
        }
        expect(mayTake(level, rate, now)).toBe(false);
        expect(remaining(level, rate, now)).toBe(0);
      }),
    );
  });

  it('a token bucket never lets more through than its burst and its rate, whatever the pauses', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(rates, pauses, (rate, waits) => {
        let now = 1_000_000;
        let level: Level;
        let taken = 0;
        for (const wait of waits) {
          now += wait;
          if (!mayTake(level, rate, now)) continue;
          level = take(level, rate, now);
          taken += 1;
        }
        const elapsedMs = now - 1_000_000;
        expect(taken).toBeLessThanOrEqual(rate.burst + Math.floor(elapsedMs / intervalMs(rate)) + 1);
      }),
    );
  });

  it('a token bucket names the wait after which the next is allowed, and no shorter one', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 5_000_000 }), (rate, ahead) => {
        const now = 1_000_000;
        const level = now + ahead;
        const wait = waitMs(level, rate, now);
        expect(mayTake(level, rate, now + wait)).toBe(true);
        if (wait > 0) expect(mayTake(level, rate, now + wait - 1)).toBe(false);
      }),
    );
  });
});
