import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { writeResult } from '../../infra/write-result.ts';
import { ROOT } from '../../testing/structure/import-graph.ts';
import { FAULTS, type Fault } from './faults.ts';

const HELP = `Applies small deliberate faults, one at a time, to a scratch copy of the sources, and runs the test that must notice.

  node test/mutations/run.ts [--only WORD] [--jobs N]

  --only WORD   only faults whose name, file or test contains WORD; nothing is written to bench/results/
  --jobs N      how many copies work side by side (default: 2)

Ends with 1 where a fault goes unnoticed.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
  },
});

const run = promisify(execFile);
const TIMEOUT_MS = 240_000;
const Report = z.object({ numFailedTests: z.number(), numPassedTests: z.number() });

type Outcome = 'noticed' | 'unnoticed' | 'not run';

/** A copy of every tracked file, with the installed packages linked. */
function copyTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).split('\0');
  for (const file of files.filter((each) => each !== '' && !each.startsWith('bench/results/'))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Runs a test file; a fault counts as noticed only where a test has failed, not where nothing could be loaded. */
async function judge(folder: string, test: string): Promise<Outcome> {
  const report = join(folder, 'mutation-report.json');
  rmSync(report, { force: true });
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', test, '--bail=1', '--reporter=json', `--outputFile=${report}`];
  await run(process.execPath, args, { cwd: folder, timeout: TIMEOUT_MS }).catch(() => undefined);
  try {
    const { numFailedTests, numPassedTests } = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
    if (numFailedTests > 0) return 'noticed';
    return numPassedTests > 0 ? 'unnoticed' : 'not run';
  } catch {
    return 'not run';
  }
}

async function tryFault(folder: string, { file, replace, by, test }: Fault): Promise<Outcome> {
  const path = join(folder, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(replace).length !== 2) throw new Error(`${file} does not hold exactly once: ${replace}`);
  writeFileSync(
    path,
    source.replace(replace, () => by),
  );
  try {
    return await judge(folder, test);
  } finally {
    writeFileSync(path, source);
  }
}

async function runAll(faults: readonly Fault[], jobs: number) {
  const outcomes: { name: string; outcome: Outcome }[] = [];
  const queue = faults.values();
  const work = async () => {
    const folder = copyTree();
    try {
      for (const fault of queue) {
        const outcome = await tryFault(folder, fault);
        outcomes.push({ name: fault.name, outcome });
        console.log(
          `${String(outcomes.length).padStart(3)}/${faults.length}  ${outcome.padEnd(9)}  ${fault.name}`,
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return outcomes;
}

if (values.help) console.log(HELP);
else {
  const chosen = FAULTS.filter((fault) =>
    [fault.name, fault.file, fault.test].some((text) => text.includes(values.only)),
  );
  const startedAt = Date.now();
  const outcomes = await runAll(chosen, Number(values.jobs));
  const missed = outcomes.filter(({ outcome }) => outcome !== 'noticed');
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${outcomes.length - missed.length} of ${outcomes.length} faults noticed in ${seconds} s`);
  for (const { name, outcome } of missed) console.log(`${outcome}: ${name}`);
  if (values.only === '')
    await writeResult('mutations', {
      faults: outcomes.length,
      noticed: outcomes.length - missed.length,
      missed,
      seconds,
    });
  process.exitCode = missed.length === 0 ? 0 : 1;
}
