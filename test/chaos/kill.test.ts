import { expect, it } from 'vitest';
import { killAtRandom } from '../../testing/kills/killing.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 2026);

it(`loses nothing when the worker is killed at random instants (CHAOS_SEED=${seed})`, {
  timeout: 240_000,
}, async () => {
  const outcome = await killAtRandom({ seed, kills: 2, addressing: 'lid', latencies: [0, 20, 60] });
  expect(outcome).toMatchObject({
    undecryptable: 0,
    lostAcknowledged: 0,
    lostReceived: 0,
    lostReports: 0,
    unresolved: 0,
    twice: 0,
  });
  expect(outcome.acknowledged).toBeGreaterThan(0);
  expect(outcome.received).toBeGreaterThan(0);
});
