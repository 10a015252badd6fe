import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type KillRun, keepKillRun } from '../../bench/auth/kill-runs.ts';

const run = (over: Partial<KillRun>): KillRun => ({
  name: 'kills',
  at: '2026-11-21T08:00:00.000Z',
  seed: 1,
  kills: 10,
  addressing: 'lid',
  latenciesMs: '0 to 300',
  backlog: 0,
  outcome: { twice: 0, received: 100, rounds: { any: 10 } },
  ...over,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kill-runs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps every run that differs, and one of those that do not, with the sum of what is kept', async () => {
  await keepKillRun(folder, run({}));
  await keepKillRun(folder, run({ seed: 2, outcome: { twice: 1, received: 7 } }));
  await keepKillRun(folder, run({ backlog: 2_000, kills: 5 }));
  await keepKillRun(folder, run({ addressing: 'pn' }));
  await keepKillRun(folder, run({ addressing: 'pn', kills: 20 }));
  expect((await readdir(folder)).sort()).toEqual([
    'auth-kills-lid-seed-1-backlog-2000.json',
    'auth-kills-lid-seed-1.json',
    'auth-kills-lid-seed-2.json',
    'auth-kills-pn-seed-1.json',
    'kills-summary.json',
  ]);
  expect(JSON.parse(await readFile(join(folder, 'kills-summary.json'), 'utf8'))).toEqual({
    name: 'kills-summary',
    runs: 4,
    kills: 45,
    outcome: { twice: 1, received: 307 },
  });
});
