import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { HeldSettings } from '../../../../worker/sessions/held-settings.ts';
import { Pacer } from '../../../../worker/sessions/sending/pacer.ts';

const MINUTE_MS = 60_000;

function start(perMinute: number | null, comesBack = false) {
  const clock = { now: 1_000_000 };
  const pacer = new Pacer(() => clock.now);
  pacer.set(perMinute === null ? null : { perMinute });
  pacer.begin(comesBack);
  /** Seconds to wait, or undefined where the message may leave. */
  const take = (id?: string) => {
    try {
      pacer.take(id);
      return undefined;
    } catch (refused) {
      expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
      return (refused as AppError).retryAfterS;
    }
  };
  return { clock, pacer, take };
}

describe('the pace of a session', () => {
  test('the pace of a session lets N messages leave in a minute and says when the next may', () => {
    const { clock, take } = start(3);
    expect([take(), take(), take()]).toEqual([undefined, undefined, undefined]);
    clock.now += 20_000;
    expect(take()).toBe(40);
    clock.now += 40_000;
    expect(take()).toBeUndefined();
  });

  test('the pace of a session never lets more than N leave in any 60 s, and what it says to wait is enough', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (perMinute, pauses) => {
        const { clock, take } = start(perMinute);
        const left: number[] = [];
        for (const pauseMs of pauses) {
          clock.now += pauseMs;
          const waitS = take();
          if (waitS !== undefined) {
            clock.now += waitS * 1000;
            expect(take()).toBeUndefined();
          }
          left.push(clock.now);
          expect(left.filter((at) => at > clock.now - MINUTE_MS).length).toBeLessThanOrEqual(perMinute);
        }
      }),
    );
  });

  test('the pace of a session counts a message that is asked for again once', () => {
    const { take } = start(1);
    expect(take('A')).toBeUndefined();
    expect(take('A')).toBeUndefined();
    expect(take('B')).toBe(60);
  });

  test('the pace of a session counts what was sent before it was set', () => {
    const { pacer, take } = start(null);
    for (let sent = 0; sent < 5; sent += 1) expect(take()).toBeUndefined();
    pacer.set({ perMinute: 5 });
    expect(take()).toBe(60);
    pacer.set(null);
    expect(take()).toBeUndefined();
  });

  test('a session that comes back earns its turns one by one, and never begins with a burst', () => {
    const { clock, take } = start(6, true);
    expect(take()).toBe(10);
    clock.now += 10_000;
    expect(take()).toBeUndefined();
    expect(take()).toBe(10);
    clock.now += 50_000;
    expect([take(), take(), take(), take(), take()]).toEqual(Array.from({ length: 5 }, () => undefined));
    expect(take()).toBeGreaterThan(0);
  });

  test('the pace of a session opening the state anew in the same process changes nothing', () => {
    const { pacer, take } = start(2);
    pacer.begin(true);
    expect([take(), take()]).toEqual([undefined, undefined]);
  });
});

describe('settings on their way', () => {
  const settings = (rev: number, perMinute: number) => ({
    rev,
    pacing: { perMinute },
    proxy: null,
    history: true,
  });

  test('settings on their way older ones never replace newer ones, in whatever order they arrive', () => {
    const held = new HeldSettings();
    expect(held.take(1, settings(5, 5))).toBe(true);
    expect(held.take(1, settings(4, 4))).toBe(false);
    expect(held.take(1, undefined)).toBe(false);
    expect(held.take(0, settings(9, 9))).toBe(false);
    expect(held.current.pacing).toEqual({ perMinute: 5 });
  });

  test('a new owner takes what it is told, the defaults where it is told nothing', () => {
    const held = new HeldSettings();
    held.take(1, settings(5, 5));
    expect(held.take(2, settings(5, 5))).toBe(true);
    expect(held.take(3, undefined)).toBe(true);
    expect(held.current.pacing).toBeNull();
  });
});
