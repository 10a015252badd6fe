import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeResult } from '../../infra/write-result.ts';

const HELP = `Takes one safeguard of ownership after another out of a copy of the sources, and tells histories until one fails.

  node test/simulation/mutations.ts [--only no-self-fencing] [--histories 500] [--steps 200] [--processes 2]

Writes bench/results/simulation-mutations.json, with the seed and the promise by which each was caught. Ends with 1
where one was not.`;

interface Mutation {
  name: string;
  edits: { file: string; replace: string; by: string }[];
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'no-lease-check',
    edits: [
      {
        file: 'worker/sessions/connection/current-connection.ts',
        replace: 'mayLeave: () => !currentStatus.ended && lease.isHeld(),',
        by: 'mayLeave: () => !currentStatus.ended,',
      },
    ],
  },
  {
    name: 'no-epoch-condition',
    edits: [
      {
        file: 'shared/sessions/ownership.ts',
        replace: "all(exists('pk'), equals('epoch', epoch), equals('rev', rev));",
        by: "all(exists('pk'), atMost('epoch', epoch + 1_000), atMost('rev', rev + 1_000));",
      },
      {
        file: 'shared/sessions/ownership.ts',
        replace: "import { all, ",
        by: "import { all, atMost, ",
      },
    ],
  },
  {
    name: 'no-generation-in-heartbeats',
    edits: [
      {
        file: 'shared/workers/store.ts',
        replace: "...(beat.generation === undefined ? [] : [equals('generation', beat.generation)]),",
        by: '',
      },
      {
        file: 'shared/workers/store.ts',
        replace: "...(beat.bootId === undefined ? [] : [equals('bootId', beat.bootId)]),",
        by: '',
      },
      { file: 'shared/workers/store.ts', replace: "exists('pk'),\n            missing('fencedAt'),", by: "exists('pk')," },
    ],
  },
  {
    name: 'no-self-fencing',
    edits: [
      {
        file: 'worker/control-plane/membership.ts',
        replace: 'await deps.registry.fence();',
        by: '',
      },
    ],
  },
  {
    name: 'absence-read-as-close',
    edits: [
      {
        file: 'worker/sessions/registry/create-registry.ts',
        replace: 'async converge(assignments: readonly Assignment[]): Promise<RecoveryResult[]> {',
        by: `async converge(assignments: readonly Assignment[]): Promise<RecoveryResult[]> {
    for (const session of this.#sessions.all())
      if (!assignments.some(({ sessionId }) => sessionId === session.id)) await session.disconnect({});`,
      },
    ],
  },
  {
    name: 'supervisor-early-by-one-lease',
    edits: [
      {
        file: 'shared/workers/worker-item.ts',
        replace: 'LEASE_MARGIN_MS = 10_000',
        by: 'LEASE_MARGIN_MS = 10_000 - LEASE_TTL_MS',
      },
    ],
  },
  {
    name: 'release-without-rev',
    edits: [
      {
        file: 'shared/sessions/ownership.ts',
        replace: 'const rev = session.rev + 1;',
        by: 'const { rev } = session;',
      },
      { file: 'shared/sessions/ownership.ts', replace: 'move: { rev,', by: 'rev, move: { rev,' },
    ],
  },
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    histories: { type: 'string', default: '500' },
    steps: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = ['functions', 'infra', 'shared', 'test/simulation', 'worker', 'package.json', 'tsconfig.json'];

/** @throws where a text to be replaced is not there: the sources have moved on */
function mutate(folder: string, { name, edits }: Mutation): void {
  for (const { file, replace, by } of edits) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(replace)) throw new Error(`${name}: ${file} has no "${replace}" any more.`);
    writeFileSync(path, text.replace(replace, by));
  }
}

/** The seed by which a mutation was caught, and the promise that was broken; `undefined` where it was not. */
function findCatch(mutation: Mutation): { seed: number; promise: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'simulation-mutation-'));
  try {
    for (const part of COPIED) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    mutate(folder, mutation);
    const { histories, steps, processes } = values;
    const args = ['--histories', histories, '--steps', steps, '--processes', processes, '--until-caught'];
    const program = join(folder, 'test/simulation/long.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--name', ''], { encoding: 'utf8' });
    const [, seed, promise] = /^seed (\d+): ([^:]+): /m.exec(stdout) ?? [];
    if (seed === undefined && !stdout.includes('"histories"'))
      throw new Error(`${mutation.name} was not told at all: ${stderr.slice(-800)}`);
    return seed === undefined || promise === undefined ? undefined : { seed: Number(seed), promise };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(): void {
  const chosen = MUTATIONS.filter(({ name }) => values.only === undefined || name === values.only);
  const results = chosen.map((mutation) => {
    const caught = findCatch(mutation);
    console.log(`${mutation.name}: ${caught === undefined ? 'NOT CAUGHT' : `seed ${caught.seed}, ${caught.promise}`}`);
    return { name: mutation.name, caught: caught ?? null };
  });
  if (values.only === undefined) writeResult('simulation-mutations', { steps: Number(values.steps), results });
  process.exitCode = results.every(({ caught }) => caught !== null) ? 0 : 1;
}

if (values.help) console.log(HELP);
else main();
