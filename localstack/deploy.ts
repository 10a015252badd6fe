import { parseArgs } from 'node:util';
import { DEPLOYED_STACKS, LEFT_OUT } from './deployed-stacks.ts';
import { type Emulator, readEmulator } from './env.ts';
import { emptyBuckets, findLeftovers } from './find-leftovers.ts';
import { OUTPUTS, runCdk } from './run-cdk.ts';

const USAGE = `Deploys the dev stage into an emulator (AWS_ENDPOINT_URL, default http://127.0.0.1:4566).

  npm run localstack:deploy
  npm run localstack:deploy -- --twice     and once more, which must change nothing
  npm run localstack:deploy -- --destroy   takes it away again, and looks for what is left
`;

async function assertReachable({ url }: Emulator): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (response === undefined)
    throw new Error(`No emulator answers at ${url}; localstack/README.md says how to start one.`);
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

const deploy = (emulator: Emulator) =>
  runCdk(emulator, [
    'deploy',
    ...DEPLOYED_STACKS,
    '--exclusively',
    '--require-approval',
    'never',
    '--outputs-file',
    OUTPUTS,
  ]);

async function deployTwice(emulator: Emulator): Promise<void> {
  const printed = await timed('deployed again', () => deploy(emulator));
  const unchanged = printed.match(/✅.*\(no changes\)/g)?.length ?? 0;
  if (unchanged !== DEPLOYED_STACKS.length)
    throw new Error(`Deploying twice changed something:\n${printed.slice(-4_000)}`);
  console.log(`nothing changed in any of ${unchanged} stacks`);
}

async function destroy(emulator: Emulator): Promise<void> {
  // The account's stack is the account's, not the stage's.
  const stacks = DEPLOYED_STACKS.filter((stack) => stack !== 'account');
  await emptyBuckets(emulator);
  await timed('destroyed', () => runCdk(emulator, ['destroy', ...stacks, '--exclusively', '--force']));
  const left = await findLeftovers(emulator);
  if (left.length > 0) throw new Error(`The stage left something behind:\n  ${left.join('\n  ')}`);
  console.log('nothing is left of the stage');
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { help: { type: 'boolean' }, twice: { type: 'boolean' }, destroy: { type: 'boolean' } },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const emulator = readEmulator();
  await assertReachable(emulator);
  if (values.destroy === true) {
    await destroy(emulator);
    return;
  }
  await timed('bootstrapped', () => runCdk(emulator, ['bootstrap', `aws://000000000000/${emulator.region}`]));
  await timed(`deployed ${DEPLOYED_STACKS.length} stacks`, () => deploy(emulator));
  for (const [stack, why] of Object.entries(LEFT_OUT)) console.log(`left out ${stack}: ${why}`);
  if (values.twice === true) await deployTwice(emulator);
}

try {
  await run();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
