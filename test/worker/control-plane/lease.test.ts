import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lease } from '../../../worker/control-plane/lease.ts';
import { FakeClock } from './fake-clock.ts';

function granted(ttlMs: number) {
  const clock = new FakeClock();
  const lease = new Lease(clock);
  lease.grant(lease.stamp(), ttlMs);
  return { clock, lease };
}

describe('Lease', () => {
  it('is not held before it was granted', () => {
    expect(new Lease(new FakeClock()).isHeld()).toBe(false);
  });

  it('counts from the sending, however long the answer took', () => {
    const clock = new FakeClock();
    const lease = new Lease(clock);
    const sentAt = lease.stamp();
    clock.advance(8000);
    lease.grant(sentAt, 10_000);
    expect(lease.remainingMs()).toBe(2000);
    clock.advance(2000);
    expect(lease.isHeld()).toBe(false);
  });

  it('ends at once when told so', () => {
    const { lease } = granted(10_000);
    lease.end();
    expect(lease.isHeld()).toBe(false);
  });

  it('is not extended once it has ended: only a new registration grants another', () => {
    const { clock, lease } = granted(10_000);
    expect(lease.extend(lease.stamp(), 10_000)).toBe(true);
    clock.advance(10_000);
    expect(lease.extend(lease.stamp(), 10_000)).toBe(false);
    expect(lease.isHeld()).toBe(false);
  });

  it('is over when the machine has slept longer than it lasts', () => {
    const { clock, lease } = granted(90_000);
    clock.sleepThrough(90_000);
    expect(lease.isHeld()).toBe(false);
  });

  it('is never held longer than its time after the sending, whatever the clocks do', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(50_000)), { maxLength: 10 }),
        (ttlMs, steps) => {
          const { clock, lease } = granted(ttlMs);
          let passed = 0;
          for (const [asleep, ms] of steps) {
            if (asleep) clock.sleepThrough(ms);
            else clock.advance(ms);
            passed += ms;
          }
          expect(lease.isHeld()).toBe(passed < ttlMs);
        },
      ),
    );
  });
});
