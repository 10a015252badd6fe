import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from '../../../worker/whatsapp/backoff.ts';

const settings = { baseMs: 1_000, maxMs: 60_000, stableMs: 30_000 };

test('delays double up to the longest, and half of each is chance', () => {
  const longest = new Backoff(settings, () => 1);
  const shortest = new Backoff(settings, () => 0);
  expect(Array.from({ length: 8 }, () => longest.next())).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
  ]);
  expect(Array.from({ length: 3 }, () => shortest.next())).toEqual([500, 1_000, 2_000]);
});

test('a brief open does not start the series anew, a lasting one does', () => {
  const backoff = new Backoff(settings, () => 1);
  backoff.next();
  backoff.next();
  backoff.opened(0);
  backoff.closed(29_999);
  expect(backoff.next()).toBe(4_000);
  backoff.opened(40_000);
  backoff.closed(70_000);
  expect(backoff.next()).toBe(1_000);
});

test('no delay is ever outside the bounds', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, chance) => {
      const backoff = new Backoff(settings, () => chance);
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const delayMs = backoff.next();
        if (delayMs < settings.baseMs / 2 || delayMs > settings.maxMs) return false;
      }
      return true;
    }),
  );
});
