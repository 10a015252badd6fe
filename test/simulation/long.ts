import { execFileSync, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { quantile, writeResult } from '../../infra/write-result.ts';
import { useLightCache } from './engine/use-light-cache.ts';
import { installVirtualGlobals } from './engine/virtual-globals.ts';

const HELP = `Tells histories of workers, control plane, WhatsApp and tenants under faults, in virtual time, and holds each against
the promises of ownership.

  node test/simulation/long.ts [--histories 10000] [--from 1] [--steps 200] [--processes 2] [--until-caught]
  node test/simulation/long.ts --seed 17 [--steps 200] [--trace]
  node test/simulation/long.ts --scripted [--name simulation-scripted]

  --seed          tells one history; where it fails, it is shrunk and printed as steps, with --trace also as it went
  --scripted      tells the histories of test/simulation/scripted-histories.ts, by which promises were once broken
  --until-caught  ends with the first history that fails
  --ignore        promises that are not held against a history, separated by commas
  --name          of the file in bench/results/ (simulation); none is written for one seed, or with --name ''

The same seed tells the same history. Ends with 1 where a promise was broken.`;

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    scripted: { type: 'boolean', default: false },
    ignore: { type: 'string', default: '' },
    name: { type: 'string', default: 'simulation' },
    'until-caught': { type: 'boolean', default: false },
    /** Of a part of the whole: every so-manieth seed. */
    every: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const Told = z.object({
  seed: z.number(),
  violation: z.object({ invariant: z.string(), at: z.number(), detail: z.string() }).optional(),
  events: z.number(),
  settledAfterMs: z.number().optional(),
});
type Told = z.infer<typeof Told>;

const steps = Number(values.steps);
const first = Number(values.from);
const last = first + Number(values.histories) - 1;
const ignored = values.ignore.split(',').filter((each) => each !== '') as never[];
const load = async () => {
  useLightCache();
  const loaded = await import('./history/tell-seeds.ts');
  const { drawHistory } = await import('./history/draw-history.ts');
  installVirtualGlobals();
  const { prepareHandlers } = await import('./parts/answer-request.ts');
  return { ...loaded, drawHistory, prepareHandlers };
};

/** One of the processes: tells its share of the seeds to the one that has started it. */
async function tellShare(every: number): Promise<void> {
  const { tellSeed } = await load();
  for (let seed = first; seed <= last && process.connected; seed += every) {
    const told = await tellSeed(seed, { steps, ignored });
    // Whoever has started it may have heard enough.
    if (process.connected) process.send?.(told, undefined, undefined, () => undefined);
  }
  if (process.connected) process.disconnect();
}

async function tellOne(seed: number): Promise<boolean> {
  const { explain, showHistory, drawHistory } = await load();
  const { history, violation, trace } = await explain(drawHistory(seed, steps), { ignored });
  if (values.trace) console.log(trace.join('\n'));
  console.log(violation === undefined ? `Seed ${seed} keeps every promise.` : showHistory(history));
  if (violation !== undefined) console.log(`${violation.invariant}: ${violation.detail}`);
  return violation === undefined;
}

async function tellScripted(): Promise<boolean> {
  const { prepareHandlers } = await load();
  const { runHistory } = await import('./history/run-history.ts');
  const { SCRIPTED } = await import('./scripted-histories.ts');
  await prepareHandlers();
  const histories = [];
  for (const { name, breaks, history, ignored: more = [] } of SCRIPTED) {
    const { violations } = await runHistory(history, { ignored: [...ignored, ...more] });
    console.log(`${violations.length === 0 ? 'holds' : 'BREAKS'}: ${name}`);
    histories.push({ name, breaks, violation: violations[0] ?? null });
  }
  const broken = histories.filter(({ violation }) => violation !== null);
  if (values.name !== '') writeResult(values.name, { commit: commitOf(), broken: broken.length, histories });
  return broken.length === 0;
}

function gather(processes: number, onTold: (told: Told) => boolean): Promise<unknown> {
  const shares = Array.from({ length: processes }, (_, index) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const options = ['--histories', String(last - first - index + 1), '--from', String(first + index)];
    const more = ['--steps', values.steps, '--every', String(processes), '--ignore', values.ignore];
    const child = fork(fileURLToPath(import.meta.url), [...options, ...more]);
    child.on('message', (message) => {
      if (!onTold(Told.parse(message))) child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))));
    return promise;
  });
  return Promise.all(shares);
}

function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

async function tellAll(): Promise<boolean> {
  const startedAt = performance.now();
  const broken: Told[] = [];
  const settled: number[] = [];
  let [told, events] = [0, 0];
  await gather(Number(values.processes), (each) => {
    told += 1;
    events += each.events;
    if (each.settledAfterMs !== undefined) settled.push(each.settledAfterMs);
    if (each.violation !== undefined) {
      broken.push(each);
      const { invariant, detail } = each.violation;
      if (broken.length <= 20) console.log(`seed ${each.seed}: ${invariant}: ${detail}`);
    }
    if (told % 500 === 0) console.log(`${told} histories, ${broken.length} of them fail`);
    return broken.length === 0 || !values['until-caught'];
  });
  const byInvariant = Object.groupBy(broken, ({ violation }) => violation?.invariant ?? '');
  const counts = Object.entries(byInvariant).map(([name, some = []]) => [name, some.length]);
  const figures = {
    ...{
      commit: commitOf(),
      histories: told,
      steps,
      events,
      seconds: seconds(performance.now() - startedAt),
    },
    violations: Object.fromEntries(counts),
    failingSeeds: broken
      .map(({ seed }) => seed)
      .sort((a, b) => a - b)
      .slice(0, 50),
    settledAfterS: { median: seconds(quantile(settled)), most: seconds(Math.max(0, ...settled)) },
  };
  console.log(JSON.stringify(figures, null, 2));
  if (values.name !== '') writeResult(values.name, figures);
  return broken.length === 0;
}

const seconds = (ms: number) => Math.round(ms / 100) / 10;

if (values.help) console.log(HELP);
else if (values.every !== undefined) await tellShare(Number(values.every));
else if (values.scripted) process.exitCode = (await tellScripted()) ? 0 : 1;
else {
  const isWell = values.seed === undefined ? await tellAll() : await tellOne(Number(values.seed));
  process.exitCode = isWell ? 0 : 1;
}
