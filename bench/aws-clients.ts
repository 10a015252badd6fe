import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { coldStart } from '../infra/functions/cold-start.ts';
import type { BundledFunction } from '../infra/functions/function-bundles.ts';
import { quantile, writeResult } from '../infra/write-result.ts';
import { drawTables, SIDES, type Side } from './aws-clients-tables.ts';

const { values } = parseArgs({
  options: { before: { type: 'string' }, help: { type: 'boolean', default: false } },
});
if (values.help || values.before === undefined) {
  console.log(`What AWS's own clients cost: bundles, imports, warm requests and calls per message, before and after.

  git worktree add ../before 4adf71e && (cd ../before && npm ci && node bench/operations.ts)
  node bench/operations.ts
  node bench/aws-clients.ts --before ../before

Both checkouts take turns, since a machine is not always as fast. Writes bench/results/aws-clients.json, and the tables of
docs/cold-start.md from it; some minutes.`);
  process.exit(values.help ? 0 : 1);
}

const HERE = resolve(import.meta.dirname, '..');
const FOLDERS: Readonly<Record<Side, string>> = { before: resolve(values.before), after: HERE };
const IMPORTS = 9;
const ROUNDS = 3;
const PAGE = join(HERE, 'docs', 'cold-start.md');

const Warm = z.object({
  figures: z.object({ rows: z.array(z.object({ name: z.string(), p50Ms: z.number(), p95Ms: z.number() })) }),
});
const Counts = z.record(z.string(), z.number());
const Operations = z.object({
  figures: z.object({ messages: z.number(), sent: Counts, received: Counts }),
});

const readResult = (side: Side, name: string): unknown =>
  JSON.parse(readFileSync(join(FOLDERS[side], 'bench', 'results', `${name}.json`), 'utf8'));
const round = (value: number) => Math.round(value * 10) / 10;

async function bundlesOf(side: Side): Promise<Map<string, { code: Uint8Array }>> {
  const module = pathToFileURL(join(FOLDERS[side], 'infra/functions/function-bundles.ts')).href;
  const { functionBundles } = (await import(module)) as {
    functionBundles(): Map<string, { code: Uint8Array }> | Promise<Map<string, { code: Uint8Array }>>;
  };
  return functionBundles();
}

/** Size and median CPU time of the import of each function. */
async function measureBundles(scratch: string) {
  const bundles = { before: await bundlesOf('before'), after: await bundlesOf('after') };
  const names = [...bundles.after.keys()].filter((name) => bundles.before.has(name));
  return names.map((name) => {
    const runs: Record<Side, number[]> = { before: [], after: [] };
    const files = { before: join(scratch, `${name}-before.mjs`), after: join(scratch, `${name}-after.mjs`) };
    for (const side of SIDES) writeFileSync(files[side], bundles[side].get(name)?.code ?? '');
    for (let run = 0; run < IMPORTS; run += 1)
      for (const side of SIDES) runs[side].push(coldStart(files[side], name as BundledFunction).importCpuMs);
    const figuresOf = (side: Side) => ({
      kb: round((bundles[side].get(name)?.code.byteLength ?? 0) / 1_000),
      importCpuMs: round(quantile(runs[side])),
    });
    return { name, before: figuresOf('before'), after: figuresOf('after') };
  });
}

/** Medians over rounds of `bench/http-warm.ts`, which runs in each checkout in turn. */
function measureWarm() {
  const rounds: Record<Side, z.output<typeof Warm>['figures'][]> = { before: [], after: [] };
  for (let turn = 0; turn < ROUNDS; turn += 1)
    for (const side of SIDES) {
      const options = { cwd: FOLDERS[side], timeout: 300_000, encoding: 'utf8' } as const;
      const { status, stderr } = spawnSync(process.execPath, ['bench/http-warm.ts'], options);
      if (status !== 0) throw new Error(`bench/http-warm.ts failed in ${side}: ${stderr}`);
      rounds[side].push(Warm.parse(readResult(side, 'http-warm')).figures);
    }
  const median = (side: Side, name: string, figure: 'p50Ms' | 'p95Ms') => {
    const found = rounds[side].flatMap(({ rows }) => rows.filter((row) => row.name === name));
    return Math.round(quantile(found.map((row) => row[figure])) * 100) / 100;
  };
  const figuresOf = (side: Side, name: string) => ({
    p50Ms: median(side, name, 'p50Ms'),
    p95Ms: median(side, name, 'p95Ms'),
  });
  return (rounds.after[0]?.rows ?? []).map(({ name }) => ({
    name,
    before: figuresOf('before', name),
    after: figuresOf('after', name),
  }));
}

/** Calls to AWS per message, as `bench/operations.ts` last counted them in each checkout. */
function readCalls(side: Side) {
  const { messages, sent, received } = Operations.parse(readResult(side, 'operations')).figures;
  const sum = (counts: Record<string, number>, wanted: RegExp) =>
    round(
      Object.entries(counts)
        .filter(([what]) => wanted.test(what))
        .reduce((total, [, count]) => total + count, 0) / messages,
    );
  return Object.fromEntries(
    Object.entries({ sent, received }).flatMap(([way, counts]) => [
      [`table writes per message ${way}`, sum(counts, /^DynamoDB (Put|Update|Delete)/)],
      [`calls to AWS per message ${way}`, sum(counts, /^(DynamoDB|SQS Send|WebSocket)/)],
    ]),
  );
}

const scratch = mkdtempSync(join(tmpdir(), 'gateway-bundles-'));
try {
  const figures = {
    imports: IMPORTS,
    rounds: ROUNDS,
    bundles: await measureBundles(scratch),
    warm: measureWarm(),
    calls: { before: readCalls('before'), after: readCalls('after') },
  };
  writeResult('aws-clients', figures);
  writeFileSync(PAGE, drawTables(readFileSync(PAGE, 'utf8'), figures));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
