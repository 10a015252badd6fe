import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LambdaEnvironment } from '../functions/lambda/env.ts';
import { routeKeys } from '../shared/contract/route.ts';
import { controlRoutes } from '../shared/control-routes.ts';
import { showHelp } from '../shared/program/show-help.ts';
import type { BundledFunction } from './functions/entry-source.ts';
import { functionBundles } from './functions/function-bundles.ts';
import { quantile, writeResult } from './write-result.ts';

const RUNS = 7;

/** Variables that a function needs in order to start; nothing listens at these addresses. */
const ENVIRONMENT: LambdaEnvironment & Record<string, string> = {
  TABLE_NAME: 'none',
  WEBSOCKET_URL: 'wss://none.invalid',
  WEBSOCKET_CALLBACK_URL: 'https://none.invalid',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  LOG_LEVEL: 'silent',
};

/** A first event that is answered without AWS; `undefined` where there is none. */
function firstEvent(name: BundledFunction): object | undefined {
  if (name === 'delivery' || name === 'outbox') return { Records: [] };
  if (name === 'rotation') return { SecretId: 'none', ClientRequestToken: 'none', Step: 'setSecret' };
  if (name === 'relay') return {};
  const route = controlRoutes.find(({ group }) => group === name);
  if (route === undefined) return undefined;
  // Refused, because a token or a body is missing.
  return { routeKey: routeKeys(route)[0], rawPath: route.path, headers: {}, isBase64Encoded: false };
}

/** Measures the import and the first event after it in a process of its own, in milliseconds. */
function coldStart(file: string, event: object | undefined): { importMs: number; firstMs: number | null } {
  const script = `const start = performance.now();
    const { handler } = await import(${JSON.stringify(file)});
    const importMs = performance.now() - start;
    const event = ${JSON.stringify(event ?? null)};
    if (event !== null) await handler(event);
    const firstMs = event === null ? null : performance.now() - start - importMs;
    console.log(JSON.stringify({ importMs, firstMs }));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: ENVIRONMENT,
    timeout: 30_000,
  });
  if (stdout === '') throw new Error(`${file} did not start: ${stderr}`);
  return JSON.parse(stdout) as { importMs: number; firstMs: number | null };
}

showHelp(`How large each Lambda bundle is, and how long its import and its first request take in a process of its own.

  npm run bundles

Prints a table and writes bench/results/bundles.json; a minute or two on a machine that does nothing else.`);

const round = (value: number) => Math.round(value * 10) / 10;
const scratch = mkdtempSync(join(tmpdir(), 'gateway-bundles-'));
const rows: Record<string, object> = {};
try {
  console.log(
    '| function | minified, KB | zipped, KB | import, ms | first request, ms |\n|---|---|---|---|---|',
  );
  for (const [name, { code }] of functionBundles()) {
    const file = join(scratch, `${name}.mjs`);
    writeFileSync(file, code);
    const event = firstEvent(name as BundledFunction);
    const runs = Array.from({ length: RUNS }, () => coldStart(file, event));
    const [kb, zippedKb] = [code, gzipSync(code)].map(({ byteLength }) => round(byteLength / 1_000));
    const importMs = round(quantile(runs.map((run) => run.importMs)));
    const first = runs.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
    const firstMs = first.length === 0 ? null : round(quantile(first));
    rows[name] = { kb, zippedKb, importMs, firstMs };
    console.log(`| ${[name, kb, zippedKb, importMs, firstMs ?? '–'].join(' | ')} |`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
writeResult('bundles', { runs: RUNS, functions: rows });
