import { expect, test } from 'vitest';
import { LinkingAttempt } from '../../../../worker/sessions/connection/linking-attempt.ts';

test('QR codes are shown until a pairing code takes their place', () => {
  const attempt = new LinkingAttempt(60_000);
  expect([attempt.qrShown, attempt.canPair]).toEqual([false, true]);
  expect(attempt.takeQr()).toBe(true);
  expect([attempt.qrShown, attempt.canPair]).toEqual([true, true]);
  attempt.takeCode();
  expect([attempt.takeQr(), attempt.canPair]).toEqual([false, false]);
});

test('a pairing code lives until the last QR of its attempt would have run out', () => {
  const attempt = new LinkingAttempt(60_000);
  const before = Date.now();
  attempt.takeQr();
  const after = Date.now();
  attempt.takeQr();
  const endsAt = attempt.takeCode().getTime();
  expect(endsAt).toBeGreaterThanOrEqual(before + 360_000);
  expect(endsAt).toBeLessThanOrEqual(after + 360_000);
});
