import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { showHelp } from '../shared/program/show-help.ts';
import { coldStart } from './functions/cold-start.ts';
import type { BundledFunction } from './functions/function-bundles.ts';
import { functionBundles } from './functions/function-bundles.ts';
import { quantile, writeResult } from './write-result.ts';

const RUNS = 7;

showHelp(`How large each Lambda bundle is, and how long its import and its first request take in a process of its own.

  npm run bundles

Prints a table and writes bench/results/bundles.json; a minute or two on a machine that does nothing else.`);

const round = (value: number) => Math.round(value * 10) / 10;
const scratch = mkdtempSync(join(tmpdir(), 'gateway-bundles-'));
const rows: Record<string, object> = {};
try {
  console.log(
    '| function | minified, KB | zipped, KB | import, ms | of it CPU, ms | first request, ms |\n|---|---|---|---|---|---|',
  );
  for (const [name, { code }] of await functionBundles()) {
    const file = join(scratch, `${name}.mjs`);
    writeFileSync(file, code);
    const runs = Array.from({ length: RUNS }, () => coldStart(file, name as BundledFunction));
    const [kb, zippedKb] = [code, gzipSync(code)].map(({ byteLength }) => round(byteLength / 1_000));
    const importMs = round(quantile(runs.map((run) => run.importMs)));
    const importCpuMs = round(quantile(runs.map((run) => run.importCpuMs)));
    const first = runs.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
    const firstMs = first.length === 0 ? null : round(quantile(first));
    rows[name] = { kb, zippedKb, importMs, importCpuMs, firstMs };
    console.log(`| ${[name, kb, zippedKb, importMs, importCpuMs, firstMs ?? '–'].join(' | ')} |`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
writeResult('bundles', { runs: RUNS, functions: rows });
