import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const Counter = z.union([z.number(), z.record(z.string(), z.number())]);

/** One run of `npm run chaos`, as it is kept. */
export const KillRun = z.object({
  name: z.literal('kills'),
  at: z.string(),
  seed: z.number(),
  kills: z.number(),
  addressing: z.string(),
  latenciesMs: z.string(),
  /** How many messages waited for the session before each round. */
  backlog: z.number().default(0),
  /** What was lost, told twice and so on; `rounds` by the way in which they ended. */
  outcome: z.record(z.string(), Counter),
});
export type KillRun = z.infer<typeof KillRun>;

export interface KillSummary {
  runs: number;
  kills: number;
  outcome: Record<string, number>;
}

const RUN = /^auth-kills-.*\.json$/;
/** Not named as the runs are: it is none of the figures of `bench/auth/`. */
const SUMMARY = 'kills-summary.json';

/** By what makes a run another one: a second run overwrites none but its own repetition. */
export const fileOfRun = ({ addressing, seed, backlog }: Pick<KillRun, 'addressing' | 'seed' | 'backlog'>) =>
  `auth-kills-${addressing}-seed-${seed}${backlog > 0 ? `-backlog-${backlog}` : ''}.json`;

/** All runs that the folder holds, by the names of their files. */
export async function readKillRuns(folder: string): Promise<KillRun[]> {
  const names = (await readdir(folder)).filter((name) => RUN.test(name)).sort();
  return Promise.all(
    names.map(async (name) => KillRun.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
}

/** What all runs together found. */
export function sumKillRuns(runs: readonly KillRun[]): KillSummary {
  const outcome: Record<string, number> = {};
  for (const run of runs)
    for (const [name, count] of Object.entries(run.outcome))
      if (typeof count === 'number') outcome[name] = (outcome[name] ?? 0) + count;
  return { runs: runs.length, kills: runs.reduce((sum, { kills }) => sum + kills, 0), outcome };
}

/** Keeps a run beside the others of the folder, and the sum of all anew. */
export async function keepKillRun(folder: string, run: KillRun): Promise<void> {
  const write = (name: string, json: object) =>
    writeFile(join(folder, name), `${JSON.stringify(json, null, 2)}\n`);
  await write(fileOfRun(run), run);
  await write(SUMMARY, { name: 'kills-summary', ...sumKillRuns(await readKillRuns(folder)) });
}
