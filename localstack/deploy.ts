import { parseArgs } from 'node:util';
import { readEmulator } from './env.ts';
import { readLeftOut, tellLeftOut } from './read-deployed.ts';
import { assertReachable, bootstrap, deploy, deployAgain, destroy } from './stage.ts';
import { Stopwatch } from './stopwatch.ts';

const USAGE = `Deploys the dev stage into an emulator (AWS_ENDPOINT_URL, default http://127.0.0.1:4566).

  npm run localstack:deploy
  npm run localstack:deploy -- --twice     and once more, which must change nothing
  npm run localstack:deploy -- --destroy   takes it away again, and looks for what is left
`;

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
  const watch = new Stopwatch();
  if (values.destroy === true) {
    const left = await watch.time('destroyed', () => destroy(emulator));
    if (left.length > 0) throw new Error(`The stage left something behind:\n  ${left.join('\n  ')}`);
    console.log('nothing is left of the stage');
    return;
  }
  await watch.time('bootstrapped', () => bootstrap(emulator));
  await watch.time('deployed', () => deploy(emulator));
  for (const line of tellLeftOut(await readLeftOut())) console.log(line);
  if (values.twice !== true) return;
  const unchanged = await watch.time('deployed again', () => deployAgain(emulator));
  console.log(`nothing changed in any of ${unchanged} stacks`);
}

try {
  await run();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
