import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { HarnessEnvironment } from '../testing/harness/env.ts';
import type { Emulator } from './env.ts';
import { CANNOT } from './lacks.ts';

const ROOT = join(import.meta.dirname, '..');
const SUITE = 'test/e2e';
/** Whatever hangs by then will not end. */
const SUITE_TIMEOUT_MS = 30 * 60_000;

/** Vitest's JSON report, as far as it is read here. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo', 'disabled']),
        }),
      ),
    }),
  ),
});

export interface SuiteResult {
  passed: readonly string[];
  /** Listed, and failing as expected. */
  cannot: readonly { test: string; why: string }[];
  /** Failing, and nobody said why. */
  failed: readonly string[];
  /** Listed, although they pass. */
  outdated: readonly string[];
  /** Listed, although no test has that name. */
  unknown: readonly string[];
  /** Nothing but what is listed fails, and the list holds nothing else. */
  ok: boolean;
}

/** Sorts what happened by what was expected. */
export function judge(
  outcomes: readonly { test: string; passed: boolean }[],
  cannot: Readonly<Record<string, string>>,
): SuiteResult {
  const names = (wanted: boolean) =>
    outcomes.filter(({ passed }) => passed === wanted).map(({ test }) => test);
  const isListed = (test: string) => Object.hasOwn(cannot, test);
  const [passed, failing] = [names(true), names(false)];
  const ran = new Set(outcomes.map(({ test }) => test));
  const failed = failing.filter((test) => !isListed(test));
  const outdated = passed.filter(isListed);
  const unknown = Object.keys(cannot).filter((test) => !ran.has(test));
  return {
    passed,
    failed,
    outdated,
    unknown,
    cannot: failing.filter(isListed).map((test) => ({ test, why: cannot[test] ?? '' })),
    ok: passed.length > 0 && [failed, outdated, unknown].every(({ length }) => length === 0),
  };
}

async function runVitest(emulator: Emulator, reportPath: string): Promise<void> {
  const target: HarnessEnvironment = { E2E_TARGET: 'emulator' };
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      SUITE,
      // Files share what is deployed, and each brings its own sandbox and workers.
      '--no-file-parallelism',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
    ],
    { cwd: ROOT, env: { ...emulator.childEnvironment, ...target }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const bound = setTimeout(() => child.kill('SIGTERM'), SUITE_TIMEOUT_MS);
  await once(child, 'exit');
  clearTimeout(bound);
}

/** Runs every end-to-end test through the emulator. @throws where the suite did not come to an end */
export async function runSuite(emulator: Emulator): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-suite-'));
  try {
    const path = join(folder, 'report.json');
    await runVitest(emulator, path);
    const text = await readFile(path, 'utf8').catch(() => {
      throw new Error('The suite did not come to an end; what it said stands above.');
    });
    const { testResults } = Report.parse(JSON.parse(text));
    const empty = testResults.filter(({ assertionResults }) => assertionResults.length === 0);
    const outcomes = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({ test: fullName, passed: status === 'passed' })),
    );
    const broken = empty.map(({ name }) => ({ test: `${name} (could not be loaded)`, passed: false }));
    return judge([...outcomes, ...broken], CANNOT);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
