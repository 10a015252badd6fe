import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type Figures,
  freeze,
  kill,
  moves,
  partition,
  removal,
  rolling,
} from '../../testing/fleet/scenarios.ts';
import { type Fleet, startFleet } from '../../testing/fleet/start-fleet.ts';

const HELP = `Real workers under two-way traffic, and what befalls them: who owns a session, and what is lost.

  node test/chaos/fleet.ts --scenario moves|kill|rolling|partition|freeze|removal
                           [--workers 3] [--sessions 6] [--moves 200] [--seconds 30]

moves: migrations and drains, with heartbeats' answers 0.9 s late and reports 5 s late. kill: kill -9 of one worker.
rolling: SIGTERM to each in turn. partition: no worker reaches the control plane for --seconds. freeze: SIGSTOP of one
for --seconds, then SIGCONT. removal: by an administrator. Ends with 0 where no login threw out another, nothing was
lost and no send of the documented client failed. The figures are kept in bench/results/fleet-<scenario>.json, or in the
folder that --results names, with the load of the machine beside them.
`;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'moves' },
    workers: { type: 'string', default: '3' },
    sessions: { type: 'string', default: '6' },
    moves: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    results: { type: 'string', default: fileURLToPath(new URL('../../bench/results/', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
});

const SCENARIOS: Readonly<Record<string, (fleet: Fleet) => Promise<Figures>>> = {
  moves: (fleet) => moves(fleet, Number(values.moves)),
  kill,
  rolling,
  partition: (fleet) => partition(fleet, Number(values.seconds) * 1_000),
  freeze: (fleet) => freeze(fleet, Number(values.seconds) * 1_000),
  removal,
};

/** What has to be zero, wherever a scenario counts it. */
function faultsOf(figures: Figures): [string, number][] {
  const { failed, lostOut, lostIn } = figures['traffic'] as Record<string, number>;
  const { replaced, decryptionFailures, secondLogins = 0 } = figures as Record<string, number>;
  return Object.entries({ replaced, secondLogins, decryptionFailures, failed, lostOut, lostIn }).map(
    ([name, value = 0]) => [name, value],
  );
}

async function run(name: string, scenario: (fleet: Fleet) => Promise<Figures>): Promise<void> {
  const [workers, sessions] = [Number(values.workers), Number(values.sessions)];
  const fleet = await startFleet({ workers, sessions });
  try {
    const figures = await scenario(fleet);
    const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
    const result = { name, at: new Date().toISOString(), workers, sessions, machineLoad: load, figures };
    console.log(JSON.stringify(result, null, 2));
    await mkdir(values.results, { recursive: true });
    await writeFile(join(values.results, `fleet-${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
    for (const [fault, value] of faultsOf(figures)) {
      console.log(`${value === 0 ? 'met   ' : 'MISSED'} ${fault}: ${value} (must be 0)`);
      if (value !== 0) process.exitCode = 1;
    }
  } finally {
    await fleet.close();
  }
}

const scenario = SCENARIOS[values.scenario];
if (values.help) console.log(HELP);
else if (scenario === undefined) {
  console.error(`There is no scenario "${values.scenario}".\n\n${HELP}`);
  process.exitCode = 1;
} else await run(values.scenario, scenario);
