import { expect, test } from 'vitest';
import { ReconnectDelays } from '../../../../worker/sessions/connection/reconnect-delays.ts';

const policy = { firstMs: 1_000, longestMs: 60_000, stableMs: 30_000 };

test('a brief open does not start the series anew, a lasting one does', () => {
  const delays = new ReconnectDelays(policy, () => 1);
  expect([delays.next(), delays.next()]).toEqual([1_000, 2_000]);
  delays.opened(0);
  delays.closed(29_999);
  expect(delays.next()).toBe(4_000);
  delays.opened(40_000);
  delays.closed(70_000);
  expect(delays.next()).toBe(1_000);
});

test('a person who asks for a connection starts the series anew', () => {
  const delays = new ReconnectDelays(policy, () => 1);
  delays.next();
  delays.next();
  expect(delays.attempts).toBe(2);
  delays.reset();
  expect([delays.attempts, delays.next()]).toEqual([0, 1_000]);
});
