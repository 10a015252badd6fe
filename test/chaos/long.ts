import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepKillRun } from '../../bench/auth/kill-runs.ts';
import type { Addressing } from '../../sandbox/verbs.ts';
import { killAtRandom } from '../../testing/kills/killing.ts';

const HELP = `Kills a worker at random instants under two-way traffic, and looks for what was lost.

  node test/chaos/long.ts [--kills 200] [--seed 1] [--addressing lid|pn] [--latencies 0,20,60,200]
                          [--backlog 2000]

Most rounds end with kill -9 at any instant, some while the worker logs in, some between a durable message and its
frame, some in order. The friend begins new Signal sessions now and then, and messages come late. In a quarter of
them the control plane accepts nothing. Storage takes 0 to 300 ms at random, or what --latencies says, by turns.
With --backlog, so many messages wait for the session before each round. Ends with 0 where nothing was lost, told
or shown twice, undecryptable or left open. The same seed gives the same delays.
The outcome is kept in bench/results/auth-kills-<addressing>-seed-<seed>[-backlog-<messages>].json, or in the folder that
--results names; kills-summary.json there adds up all runs, and node bench/auth/write-page.ts puts them into
docs/durability.md.
`;

const MUST_BE_ZERO = [
  'undecryptable',
  'lostAcknowledged',
  'lostReceived',
  'lostReports',
  'unresolved',
  'twice',
] as const;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    addressing: { type: 'string', default: 'lid' },
    latencies: { type: 'string' },
    backlog: { type: 'string', default: '0' },
    results: { type: 'string', default: fileURLToPath(new URL('../../bench/results/', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else {
  const addressing: Addressing = values.addressing === 'pn' ? 'pn' : 'lid';
  const seed = Number(values.seed);
  const backlog = Number(values.backlog);
  const latenciesMs = values.latencies ?? '0 to 300';
  console.log(`seed ${seed}, ${values.kills} rounds, ${addressing} addressing, storage ${latenciesMs} ms`);
  const outcome = await killAtRandom({
    seed,
    kills: Number(values.kills),
    addressing,
    latencies: values.latencies?.split(',').map(Number),
    backlog,
    onRound: (round, { sent, received }) => {
      if (round % 10 === 0)
        console.log(`${round} rounds: ${sent} sends acknowledged, ${received} messages told of`);
    },
  });
  console.log(JSON.stringify(outcome, null, 2));
  await mkdir(values.results, { recursive: true });
  const at = new Date().toISOString();
  const kills = Number(values.kills);
  await keepKillRun(values.results, {
    name: 'kills',
    at,
    seed,
    kills,
    addressing,
    backlog,
    latenciesMs,
    outcome: { ...outcome },
  });
  let isGood = true;
  for (const name of MUST_BE_ZERO) {
    console.log(`${outcome[name] === 0 ? 'met   ' : 'MISSED'} ${name}: ${outcome[name]} (at most 0)`);
    isGood &&= outcome[name] === 0;
  }
  process.exitCode = isGood ? 0 : 1;
}
