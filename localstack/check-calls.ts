import PQueue from 'p-queue';
import { writeResult } from '../infra/write-result.ts';
import { showHelp } from '../shared/program/show-help.ts';
import { isGranted, outcomeOf } from './calls/judge-calls.ts';
import { OUR_CALLS } from './calls/our-calls.ts';
import { makePlace, makeUser, type Place } from './calls/place.ts';
import { type FunctionPolicy, policiesOf, readResources } from './calls/policies.ts';
import { checkRights, startMoto } from './calls/start-moto.ts';
import { takeLeftOut } from './calls/take-left-out.ts';
import { Stopwatch } from './stopwatch.ts';

const AT_ONCE = 4;

interface Figures {
  functions: number;
  calls: number;
  granted: number;
  refused: number;
  /** `function action: outcome`, where it is not what the rights say. */
  wrong: string[];
}

/** Every call in the name of every function. */
async function tryAll(place: Place, policies: readonly FunctionPolicy[]): Promise<Figures> {
  const users = await Promise.all(
    policies.map(async (each) => ({ each, user: await makeUser(place.emulator, each.name, each.policy) })),
  );
  await checkRights(place.emulator.url);
  const figures: Figures = {
    functions: users.length,
    calls: OUR_CALLS.length,
    granted: 0,
    refused: 0,
    wrong: [],
  };
  const tryOne = async ({ each, user }: (typeof users)[number]) => {
    for (const call of OUR_CALLS) {
      const outcome = await outcomeOf(call, () => call.make(place, user));
      const expected = isGranted(each, call) ? 'done' : 'refused';
      if (outcome === expected) figures[outcome === 'done' ? 'granted' : 'refused'] += 1;
      else figures.wrong.push(`${each.name} ${call.action} ${call.on ?? ''}: ${outcome}`);
    }
  };
  // Some at once: what is refused is often tried again after a pause.
  const queue = new PQueue({ concurrency: AT_ONCE });
  await queue.addAll(users.map((each) => () => tryOne(each)));
  return figures;
}

async function run(): Promise<boolean> {
  const watch = new Stopwatch();
  await using running = await watch.time('moto installed and started', startMoto);
  const { emulator } = running;
  const place = await makePlace(emulator);
  const resources = readResources();
  const policies = policiesOf(resources, emulator);
  const leftOut = await takeLeftOut(emulator, resources);
  const figures = await watch.time('calls', () => tryAll(place, policies));
  const { functions, calls, granted, refused, wrong } = figures;
  console.log(`${calls} calls in the name of each of ${functions} functions, rights checked:`);
  console.log(`${granted} granted and done; ${refused} without a right and refused`);
  for (const { type, taken } of leftOut) console.log(`${taken} × ${type}, as synthesized: taken`);
  for (const { type, refused } of leftOut)
    for (const why of refused) wrong.push(`${type}, as synthesized: ${why}`);
  for (const each of wrong) console.log(`WRONG: ${each}`);
  writeResult('calls', { ...figures, leftOutByMiniStack: leftOut, seconds: watch.seconds });
  return wrong.length === 0 && granted > 0 && refused > 0;
}

showHelp(`Makes every call that the gateway makes to AWS in the name of each of its functions, against an emulator that checks
rights: what a policy grants is done, everything else is refused. Needs python3 with venv.

  node localstack/check-calls.ts

Writes bench/results/calls.json. Ends with 1 where an outcome is not what the rights say.`);

try {
  if (!(await run())) process.exitCode = 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
