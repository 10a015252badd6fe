import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BackOff, backOffMs, waitBackOff } from '../../../shared/retry/back-off.ts';

const policy: BackOff = { firstMs: 1_000, longestMs: 60_000 };
const attempts = [0, 1, 2, 3, 4, 5, 6, 7, 5_000];

test('waits double up to the longest, and half of each is chance', () => {
  expect(attempts.map((attempt) => backOffMs(policy, attempt, () => 1))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
  expect(attempts.slice(0, 3).map((attempt) => backOffMs(policy, attempt, () => 0))).toEqual([
    500, 1_000, 2_000,
  ]);
});

test('no wait is ever outside the bounds, whatever the policy', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  const anyPolicy = fc
    .tuple(fc.integer({ min: 2, max: 10_000 }), fc.nat(1_000_000))
    .map(([firstMs, more]) => ({ firstMs, longestMs: firstMs + more }));
  fc.assert(
    fc.property(anyPolicy, fc.nat(2_000), chance, (given, attempt, drawn) => {
      const waitMs = backOffMs(given, attempt, () => drawn);
      expect(waitMs).toBeGreaterThanOrEqual(given.firstMs / 2);
      expect(waitMs).toBeLessThanOrEqual(given.longestMs);
    }),
  );
});

test('a signal ends the wait', async () => {
  const ended = new AbortController();
  const wait = waitBackOff({ firstMs: 600_000, longestMs: 600_000 }, 0, ended.signal);
  ended.abort();
  await expect(wait).rejects.toMatchObject({ name: 'AbortError' });
});
