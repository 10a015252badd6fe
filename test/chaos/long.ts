import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Addressing } from '../sandbox/verbs.ts';
import { killAtRandom } from './harness/killing.ts';

const HELP = `Kills the process of a session at random instants under two-way traffic, and looks for what was lost.

  node test/chaos/long.ts [--kills 200] [--seed 1] [--addressing lid|pn] [--latencies 0,20,60,200]

Ends with 0 where nothing was lost, told twice or undecryptable. The same seed gives the same delays.
The outcome is kept in bench/results/auth-kills-<addressing>.json.
`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    addressing: { type: 'string', default: 'lid' },
    latencies: { type: 'string', default: '0,20,60,200' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else {
  const addressing: Addressing = values.addressing === 'pn' ? 'pn' : 'lid';
  const seed = Number(values.seed);
  console.log(
    `seed ${seed}, ${values.kills} kills, ${addressing} addressing, storage ${values.latencies} ms`,
  );
  const outcome = await killAtRandom({
    seed,
    kills: Number(values.kills),
    addressing,
    latencies: values.latencies.split(',').map(Number),
    onRound: (round, { sent, received }) => {
      if (round % 10 === 0)
        console.log(`${round} kills: ${sent} sends acknowledged, ${received} messages told of`);
    },
  });
  console.log(JSON.stringify(outcome, null, 2));
  const results = new URL('../../bench/results/', import.meta.url);
  const result = {
    name: 'kills',
    at: new Date().toISOString(),
    seed,
    kills: Number(values.kills),
    addressing,
  };
  await mkdir(results, { recursive: true });
  const text = JSON.stringify({ ...result, latenciesMs: values.latencies, outcome }, null, 2);
  await writeFile(new URL(`auth-kills-${addressing}.json`, results), `${text}\n`);
  const { undecryptable, lostAcknowledged, lostReceived, twice } = outcome;
  process.exitCode = undecryptable + lostAcknowledged + lostReceived + twice === 0 ? 0 : 1;
}
