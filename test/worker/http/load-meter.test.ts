import { describe, expect, it } from 'vitest';
import { cpuPercent, createLoadMeter } from '../../../worker/http/load-meter.ts';

describe('cpuPercent', () => {
  it('cpuPercent is the share of the time available between two samples', () => {
    expect(cpuPercent({ usedMs: 100, availableMs: 1000 }, { usedMs: 350, availableMs: 2000 })).toBe(25);
  });

  it('cpuPercent stays between 0 and 100, also when no time has passed', () => {
    expect(cpuPercent({ usedMs: 0, availableMs: 5 }, { usedMs: 0, availableMs: 5 })).toBe(0);
    expect(cpuPercent({ usedMs: 0, availableMs: 0 }, { usedMs: 500, availableMs: 100 })).toBe(100);
  });
});

describe('createLoadMeter', () => {
  it('createLoadMeter answers percentages', () => {
    const { cpuUsage, memoryUsage } = createLoadMeter()();
    expect(cpuUsage).toBeGreaterThanOrEqual(0);
    expect(memoryUsage).toBeGreaterThan(0);
    expect(memoryUsage).toBeLessThanOrEqual(100);
  });
});
