import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { REQUEST_RATES } from '../shared/limits/rates.ts';
import { linkSession, startGateway } from '../testing/harness/gateway.ts';

const HELP = `How long a tenant's sends take while another tenant calls at ten times the rate of its API key: both over the local
gateway, with sessions linked to the sandbox, in one run.

  node bench/fairness.ts [--seconds 8] [--storm status|send]

  --storm  what the other one calls (status). Of sends, those within its rate alone keep the one worker of this machine
           busy, whom both share here: the figure is then the worker's, not that of the limits.

Prints the medians, quiet and during the storm, and writes bench/results/fairness.json. Ends with 1 where the ratio is
above 1.5, or where one of the other tenant's calls failed.`;

const MAX_RATIO = 1.5;
/** Calls a second of the tenant who is well within its limits. */
const MODEST_RATE = 8;
const RECIPIENT = '6281299999999';

const Calls = z.array(z.object({ status: z.number(), ms: z.number() }));
const Measured = z.object({ quiet: Calls, storm: Calls, meanwhile: Calls });
type Calls = z.infer<typeof Calls>;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    storm: { type: 'string', default: 'status' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(HELP);
  process.exit();
}

function median(calls: Calls): number {
  const sorted = calls.map(({ ms }) => ms).sort((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(1));
}
const count = (calls: Calls, matches: (status: number) => boolean) =>
  calls.filter(({ status }) => matches(status)).length;

const gateway = await startGateway({ workers: 1 });
await gateway.sandbox.addAccount({ number: RECIPIENT, name: 'Recipient' });
const [greedy, modest] = [await gateway.signUp('greedy'), await gateway.signUp('modest')];
const hot = await linkSession(gateway, greedy, '6281200000011');
const calm = await linkSession(gateway, modest, '6281200000012');
const keyOf = async (tenant: typeof greedy) => (await tenant.api.createApiKey({ body: {} })).data.apiKey;
const perSecond = 10 * REQUEST_RATES.BASIC.key.perSecond;

const clients = new Worker(new URL('./fairness-clients.ts', import.meta.url), {
  workerData: {
    url: gateway.url,
    greedy: { token: await keyOf(greedy), sessionId: hot.sessionId, perSecond, call: values.storm },
    modest: { token: await keyOf(modest), sessionId: calm.sessionId, perSecond: MODEST_RATE, call: 'send' },
    to: RECIPIENT,
    seconds: Number(values.seconds),
  },
});
const { quiet, storm, meanwhile } = Measured.parse(
  await new Promise((resolve, reject) => clients.once('message', resolve).once('error', reject)),
);
await gateway.close();

const figures = {
  quietMedianMs: median(quiet),
  stormMedianMs: median(meanwhile),
  ratio: Number((median(meanwhile) / median(quiet)).toFixed(2)),
  storm: values.storm,
  stormPerSecond: perSecond,
  stormCalls: storm.length,
  stormRefused: count(storm, (status) => status === 429),
  stormAdmitted: count(storm, (status) => status < 300),
  otherCalls: meanwhile.length,
  otherFailed: count([...quiet, ...meanwhile], (status) => status !== 200),
};
const met = figures.ratio <= MAX_RATIO && figures.otherFailed === 0;
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
const result = { name: 'fairness', at: new Date().toISOString(), machine, figures, maxRatio: MAX_RATIO, met };
console.log(JSON.stringify(figures, undefined, 2));
console.log(
  `${met ? 'met   ' : 'MISSED'} median in the storm over quiet: ${figures.ratio} (at most ${MAX_RATIO})`,
);
const folder = fileURLToPath(new URL('./results/', import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(`${folder}fairness.json`, `${JSON.stringify(result, undefined, 2)}\n`);
process.exit(met ? 0 : 1);
