import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { REPOSITORY, writePage } from './write-page.ts';

const HELP = `Runs every benchmark of the auth journal and the kills, one after another, then writes docs/durability.md anew.

  node bench/auth/all.ts [--quick]

It takes about half an hour, on a machine that does nothing else. --quick: small runs to see that everything works,
in a minute or two; results and page go to a temporary folder then. Ends with 1 where a bound is missed.
`;

interface Step {
  name: string;
  script: string;
  args: string[];
  quick: string[];
}

const CHAOS = '../../test/chaos/long.ts';
const STEPS: readonly Step[] = [
  { name: 'requests', script: 'requests.ts', args: [], quick: ['--messages', '40'] },
  {
    name: 'messages one by one',
    script: 'sparse.ts',
    args: [],
    quick: ['--messages', '3', '--pauses', '1500'],
  },
  { name: 'latency', script: 'latency.ts', args: [], quick: ['--messages', '10'] },
  { name: 'throughput', script: 'throughput.ts', args: [], quick: ['--messages', '60', '--sessions', '4'] },
  { name: 'memory', script: 'memory.ts', args: [], quick: ['--sessions', '4'] },
  { name: 'restore', script: 'restore.ts', args: [], quick: ['--sessions', '5'] },
  {
    name: 'traffic',
    script: 'traffic.ts',
    args: [],
    quick: ['--messages', '30', '--latencies', '20', '--control', '60'],
  },
  {
    name: 'kills, LID addressing',
    script: CHAOS,
    args: ['--kills', '200', '--addressing', 'lid', '--seed', '1'],
    quick: ['--kills', '3', '--addressing', 'lid', '--seed', '1'],
  },
  {
    name: 'kills, phone-number addressing',
    script: CHAOS,
    args: ['--kills', '200', '--addressing', 'pn', '--seed', '2'],
    quick: ['--kills', '2', '--addressing', 'pn', '--seed', '2'],
  },
];

async function run({ script, args, quick }: Step, isQuick: boolean, results: string): Promise<boolean> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const given = [path, ...(isQuick ? quick : args), '--results', results];
  const [code] = await once(spawn(process.execPath, given, { stdio: 'inherit' }), 'exit');
  return code === 0;
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
if (values.help) console.log(HELP);
else {
  const scratch = values.quick ? await mkdtemp(join(tmpdir(), 'bench-auth-')) : undefined;
  const results = scratch ?? join(REPOSITORY, 'bench', 'results');
  const missed: string[] = [];
  for (const [at, step] of STEPS.entries()) {
    console.log(`\n── ${at + 1} of ${STEPS.length}: ${step.name}`);
    const start = Date.now();
    if (!(await run(step, values.quick, results))) missed.push(step.name);
    console.log(`── ${step.name}: ${Math.round((Date.now() - start) / 1_000)} s`);
  }
  const page = await writePage({ results, docs: scratch ?? join(REPOSITORY, 'docs') });
  console.log(`\nwritten: ${page}`);
  console.log(missed.length === 0 ? 'every bound is met' : `missed or failed: ${missed.join(', ')}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
