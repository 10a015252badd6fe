import { describe, expect, it } from 'vitest';
import { HeartbeatBody } from '../../../shared/workers/heartbeat.ts';

describe('the figures of a heartbeat', () => {
  it('the figures of a heartbeat are refused where the table could not keep them', () => {
    for (const figure of [-1, 2 ** 60, 5.5e307, Number.POSITIVE_INFINITY])
      expect(HeartbeatBody.safeParse({ metrics: { cpuUsage: figure } }).success).toBe(false);
  });

  it('the figures of a heartbeat are kept to three places', () => {
    const { cpuUsage, memoryUsage } = HeartbeatBody.parse({ cpuUsage: 12.345678, memoryUsage: 5e-324 });
    expect([cpuUsage, memoryUsage]).toEqual([12.346, 0]);
  });
});
