import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween, splitByDay } from '../../../shared/usage/usage-item.ts';

const times = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds * 1_000);

describe('a stretch of time split by days', () => {
  it('a stretch of time split by days adds up to itself, with no day twice and none over 24 hours', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 400_000 }), (from, lengthS) => {
        const parts = splitByDay(from, from + lengthS * 1_000);
        expect(parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(lengthS);
        expect(new Set(parts.map(({ day }) => day)).size).toBe(parts.length);
        for (const { seconds } of parts) expect(seconds).toBeLessThanOrEqual(86_400);
      }),
    );
  });

  it('a stretch of time split by days counts days over the ends of months and years', () => {
    expect(daysBetween('2026-12-30', '2027-01-02')).toEqual([
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
    ]);
  });
});
