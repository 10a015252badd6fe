import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { functionBundles } from './functions/function-bundles.ts';

const RUNS = 5;

/** Import of a bundle in a fresh process, in milliseconds; what its code then awaits is not counted. */
function importTimes(file: string): number[] {
  // The clock stops at the first thing that needs AWS: a missing variable or a refused connection.
  const script = `const s = performance.now(); process.on('exit', () => console.log(performance.now() - s));
    import(${JSON.stringify(file)}).then(() => process.exit(0), () => process.exit(0));`;
  return Array.from({ length: RUNS }, () => {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: {
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
        AWS_MAX_ATTEMPTS: '1',
        NODE_NO_WARNINGS: '1',
      },
      timeout: 30_000,
    });
    return Number.parseFloat(stdout);
  }).sort((a, b) => a - b);
}

const scratch = mkdtempSync(join(tmpdir(), 'gateway-bundles-'));
try {
  console.log('| function | minified, KB | zipped, KB | import, ms (median of 5) |\n|---|---|---|---|');
  for (const [name, bundle] of functionBundles()) {
    const file = join(scratch, `${name}.mjs`);
    writeFileSync(file, bundle);
    const median = importTimes(file)[Math.floor(RUNS / 2)] ?? Number.NaN;
    const kilobytes = [bundle, gzipSync(bundle)].map(({ byteLength }) => (byteLength / 1_000).toFixed(0));
    console.log(`| ${name} | ${kilobytes.join(' | ')} | ${median.toFixed(0)} |`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
