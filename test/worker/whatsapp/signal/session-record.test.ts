import { expect, test } from 'vitest';
import {
  isSessionRecord,
  pruneSessionRecord,
  type SessionRecord,
} from '../../../../worker/whatsapp/signal/session-record.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const OPEN = -1;

const session = (closed: number) => ({ indexInfo: { closed, used: NOW, created: NOW }, _chains: {} });

/** One open session, and one for each time at which another was closed. */
const recordOf = (closed: readonly number[]): SessionRecord => ({
  version: 'v1',
  _sessions: { open: session(OPEN), ...Object.fromEntries(closed.map((at, n) => [`s-${n}`, session(at)])) },
});

function keysOf(record: unknown): string[] {
  if (!isSessionRecord(record)) throw new Error('This is no record.');
  return Object.keys(record._sessions);
}

const times = (count: number, newest: number) => Array.from({ length: count }, (_, n) => newest - n * 1_000);

test('sessions closed a moment ago are kept as long as the Signal library keeps them', () => {
  const kept = keysOf(pruneSessionRecord(recordOf(times(60, NOW)), NOW));
  expect(kept).toEqual(['open', ...Array.from({ length: 40 }, (_, n) => `s-${n}`)]);
});

test('of sessions closed long ago a few are kept, since they are written with every message', () => {
  const kept = keysOf(pruneSessionRecord(recordOf(times(60, NOW - 8 * DAY_MS)), NOW));
  expect(kept).toEqual(['open', ...Array.from({ length: 8 }, (_, n) => `s-${n}`)]);
});

test('a session that is open is never dropped', () => {
  expect(keysOf(pruneSessionRecord(recordOf(times(60, 0)), NOW))).toContain('open');
});
