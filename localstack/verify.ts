import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { showHelp } from '../shared/program/show-help.ts';
import type { Emulator } from './env.ts';
import { identifyEmulator } from './identify-emulator.ts';
import type { LeftOut } from './leave-out.ts';
import { listResources } from './list-resources.ts';
import { probeAlarms } from './probes/probe-alarms.ts';
import { probeMail } from './probes/probe-mail.ts';
import { probeRotation } from './probes/probe-rotation.ts';
import { rotateSecrets } from './probes/rotate-tokens.ts';
import { readLeftOut, tellLeftOut } from './read-deployed.ts';
import { runSuite, type SuiteResult } from './run-suite.ts';
import { bootstrap, DEPLOYED_STACKS, deploy, deployAgain, destroy } from './stage.ts';
import { startMiniStack } from './start-program.ts';
import { Stopwatch, tellResult } from './stopwatch.ts';

const RESULTS = join(import.meta.dirname, '..', 'bench', 'results', 'emulator.json');

interface Verified {
  suite: SuiteResult;
  /** Of the deployed stage, by kind. */
  resources: Record<string, number>;
  leftOut: readonly LeftOut[];
  unchangedStacks: number;
  /** What the deployed stage was seen doing, beyond the suite. */
  shown: string[];
  left: string[];
}

/** `kind name` lines by kind. */
function countKinds(resources: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of resources) {
    const kind = each.slice(0, each.lastIndexOf(' '));
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** One after another: they share what is deployed. @throws where one does not show what it should */
async function probe(emulator: Emulator): Promise<string[]> {
  const shown: string[] = [];
  for (const each of [probeRotation, probeMail, probeAlarms]) shown.push(await each(emulator));
  return shown;
}

async function verify(emulator: Emulator, watch: Stopwatch): Promise<Verified> {
  await watch.time('bootstrapped', () => bootstrap(emulator));
  await watch.time('deployed from a clean state', () => deploy(emulator));
  const resources = countKinds(await listResources(emulator));
  const leftOut = await readLeftOut();
  const unchangedStacks = await watch.time('deployed again', () => deployAgain(emulator));
  // Before anybody has read them, as on the day after a stage was made.
  await watch.time('secrets rotated', () => rotateSecrets(emulator));
  const suite = await watch.time('end-to-end suite', () => runSuite(emulator));
  const shown = await watch.time('probes', () => probe(emulator));
  const left = await watch.time('destroyed', () => destroy(emulator));
  return { suite, resources, leftOut, unchangedStacks, shown, left };
}

function* tell({ suite, resources, leftOut, unchangedStacks, shown, left }: Verified): Generator<string> {
  const counts = Object.entries(resources).map(([kind, count]) => `${count} × ${kind}`);
  yield `deployed: ${counts.join(', ')}`;
  yield* tellLeftOut(leftOut);
  yield `deploying twice: nothing changed in ${unchangedStacks} of ${DEPLOYED_STACKS.length} stacks`;
  yield* shown;
  yield left.length === 0 ? 'destroying: nothing is left' : 'destroying LEFT:';
  for (const each of left) yield `  ${each}`;
  yield* tellResult(suite);
}

async function record(
  emulator: string,
  { suite, resources, leftOut, unchangedStacks, shown, left }: Verified,
  watch: Stopwatch,
): Promise<void> {
  const result = {
    name: 'emulator',
    at: new Date().toISOString(),
    emulator,
    seconds: watch.seconds,
    deployed: { stacks: DEPLOYED_STACKS, resources, leftOut },
    deployedTwice: { unchangedStacks },
    shown,
    destroyed: { left },
    suite: {
      total: suite.passed.length + suite.cannot.length + suite.failed.length,
      passed: suite.passed,
      cannot: suite.cannot,
      failed: suite.failed,
    },
  };
  await writeFile(RESULTS, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The whole of it: emulator installed and started, deployed twice, tested, destroyed, stopped. */
async function run(): Promise<boolean> {
  const watch = new Stopwatch();
  await using running = await watch.time('emulator installed and started', startMiniStack);
  const verified = await watch.time('in all', () => verify(running.emulator, watch));
  const { name } = await identifyEmulator(running.emulator);
  await record(name, verified, watch);
  for (const line of tell(verified)) console.log(line);
  return verified.suite.ok && verified.left.length === 0;
}

showHelp(`The whole of it in one go: installs and starts an emulator of AWS on this machine, deploys the stage twice, runs the
end-to-end suite there, destroys everything and looks for what is left. Needs python3 with venv; takes a few minutes.

  node localstack/verify.ts

Writes bench/results/emulator.json. Ends with 1 where a test fails or something is left.`);

try {
  if (!(await run())) process.exitCode = 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
