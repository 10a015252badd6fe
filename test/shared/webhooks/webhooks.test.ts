import { describe, expect, it } from 'vitest';
import { nextDelayMs, RETRY_DELAYS_MS } from '../../../shared/webhooks/delivery/retry-schedule.ts';

const HOUR = 3_600_000;

describe('the retry schedule', () => {
  it('grows, and covers a day', () => {
    expect(RETRY_DELAYS_MS.toSorted((a, b) => a - b)).toEqual(RETRY_DELAYS_MS);
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBeGreaterThan(23 * HOUR);
    expect(total).toBeLessThan(25 * HOUR);
  });
  it('spreads what failed together by a fifth, and ends', () => {
    expect(nextDelayMs(1, 0)).toBe(4_000);
    expect(nextDelayMs(1, 1)).toBe(6_000);
    expect(nextDelayMs(RETRY_DELAYS_MS.length + 1, 0.5)).toBeUndefined();
  });
  it('waits as long as it is asked to, within bounds', () => {
    expect(nextDelayMs(1, 0.5, HOUR)).toBe(HOUR);
    expect(nextDelayMs(1, 0.5, 1_000 * HOUR)).toBe(6 * HOUR);
  });
});
