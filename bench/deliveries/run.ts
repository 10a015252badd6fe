import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quantile, writeResult } from '../../infra/write-result.ts';
import { type Arrival, type DeliveryRig, startDeliveryRig, type Tenant } from './delivery-rig.ts';

const HELP = `How fast one session's events reach one webhook, and what other endpoints that answer slowly, or not at all, cost a
healthy one. On the local runtime, keeping nothing; events come in as workers report them.

  node bench/deliveries/run.ts [--only one,tenants,webhooks] [--events 3000] [--seconds 40] [--name deliveries]

  --only     one: a session's events to one webhook, as fast as they go, reported 20 at a time and one by one.
             tenants: ten events a second for a healthy tenant, beside one whose endpoint takes 9 s for each answer and one
             whose endpoint hangs, with 20 sessions each.
             webhooks: one tenant with a quick webhook, and a slow one that takes 9 s for each answer.
  --name     of the file under bench/results/

Prints the figures and writes bench/results/<name>.json.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'one,tenants,webhooks' },
    events: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '40' },
    name: { type: 'string', default: 'deliveries' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(HELP);
  process.exit();
}
const EVENTS = Number(values.events);
const SECONDS = Number(values.seconds);
const SLOW_MS = 9_000;
/** Beyond the reporting: whoever has not got an event by then has waited for as long at least. */
const PATIENCE_S = 20;

const listen = async ({ api }: Tenant, url: string) => {
  await api.createWebhook({ body: { url, events: ['message.received'] } });
};

/** Events of one session: from the first arrival to the last; processor time is that of runtime and endpoint together. */
async function measureOne(
  rig: DeliveryRig,
  sessionId: string,
  { total, inOne }: { total: number; inOne: number },
) {
  rig.arrivals.length = 0;
  const cpu = process.cpuUsage();
  const reportedFrom = Date.now();
  const numbers = Array.from({ length: total }, (_, number) => number);
  for (let start = 0; start < total; start += inOne)
    await rig.report(sessionId, numbers.slice(start, start + inOne));
  const reportedS = (Date.now() - reportedFrom) / 1_000;
  await rig.until(() => rig.arrivals.length >= total);
  const first = rig.arrivals[0]?.atMs ?? Number.NaN;
  const last = rig.arrivals.at(-1)?.atMs ?? Number.NaN;
  const { user, system } = process.cpuUsage(cpu);
  const order = rig.arrivals.map(({ number }) => number);
  return {
    events: total,
    reportedInOneCall: inOne,
    reportedPerS: Math.round(total / reportedS),
    deliveredPerS: Math.round((total * 1_000) / (last - first)),
    cpuMsPerEvent: Number(((user + system) / 1_000 / total).toFixed(2)),
    inOrder: order.every((number, index) => number === index),
  };
}

async function one() {
  const rig = await startDeliveryRig([{ name: 'quick', answersAfterMs: 0 }]);
  try {
    const tenant = await rig.signUp('ada', 3);
    await listen(tenant, rig.urlOf('quick'));
    const [warm = '', many = '', single = ''] = tenant.sessionIds;
    await measureOne(rig, warm, { total: 200, inOne: 20 });
    return {
      reportedTwentyAtATime: await measureOne(rig, many, { total: EVENTS, inOne: 20 }),
      reportedOneByOne: await measureOne(rig, single, { total: Math.ceil(EVENTS / 3), inOne: 1 }),
    };
  } finally {
    await rig.close();
  }
}

/** Reports events of these sessions in turn, so many a second over all. */
async function steadily(
  rig: DeliveryRig,
  sessionIds: readonly string[],
  perS: number,
): Promise<Map<string, number>> {
  const told = new Map<string, number>();
  const startedAt = Date.now();
  const calls: Promise<void>[] = [];
  for (let number = 0; number < perS * SECONDS; number += 1) {
    await sleep(startedAt + (number * 1_000) / perS - Date.now());
    const sessionId = sessionIds[number % sessionIds.length] ?? '';
    told.set(`${sessionId} ${number}`, Date.now());
    calls.push(rig.report(sessionId, [number]));
  }
  await Promise.all(calls);
  return told;
}

const keyOf = ({ sessionId, number }: Arrival) => `${sessionId} ${number}`;

/** Delays of what was told, at one endpoint; what never came has waited until now. */
function describeDelays(told: ReadonlyMap<string, number>, arrivals: readonly Arrival[]) {
  const came = new Map<string, number>();
  for (const arrival of arrivals)
    if (!came.has(keyOf(arrival))) came.set(keyOf(arrival), arrival.atMs - arrival.toldAtMs);
  const delays = [...told].map(([key, toldAtMs]) => came.get(key) ?? Date.now() - toldAtMs);
  return {
    events: told.size,
    arrived: came.size,
    p50Ms: Math.round(quantile(delays)),
    p99Ms: Math.round(quantile(delays, 0.99)),
    longestMs: Math.round(Math.max(...delays)),
  };
}

async function tenants() {
  const rig = await startDeliveryRig([
    { name: 'quick', answersAfterMs: 0 },
    { name: 'slow', answersAfterMs: SLOW_MS },
    { name: 'hangs', answersAfterMs: null },
  ]);
  try {
    const healthy = await rig.signUp('healthy', 5);
    const slow = await rig.signUp('slow', 20);
    const hanging = await rig.signUp('hanging', 20);
    await listen(healthy, rig.urlOf('quick'));
    await listen(slow, rig.urlOf('slow'));
    await listen(hanging, rig.urlOf('hangs'));
    const [told] = await Promise.all(
      [healthy, slow, hanging].map(({ sessionIds }) => steadily(rig, sessionIds, 10)),
    );
    await Promise.race([
      rig.until(() => rig.arrivals.filter(({ name }) => name === 'quick').length >= 10 * SECONDS),
      sleep(PATIENCE_S * 1_000),
    ]);
    return {
      healthy: describeDelays(
        told ?? new Map(),
        rig.arrivals.filter(({ name }) => name === 'quick'),
      ),
    };
  } finally {
    await rig.close();
  }
}

async function webhooks() {
  const rig = await startDeliveryRig([
    { name: 'quick', answersAfterMs: 0 },
    { name: 'slow', answersAfterMs: SLOW_MS },
  ]);
  try {
    const tenant = await rig.signUp('ada', 20);
    await listen(tenant, rig.urlOf('quick'));
    await listen(tenant, rig.urlOf('slow'));
    const told = await steadily(rig, tenant.sessionIds, 10);
    await Promise.race([
      rig.until(() => rig.arrivals.filter(({ name }) => name === 'quick').length >= 10 * SECONDS),
      sleep(PATIENCE_S * 1_000),
    ]);
    return {
      quickWebhook: describeDelays(
        told,
        rig.arrivals.filter(({ name }) => name === 'quick'),
      ),
    };
  } finally {
    await rig.close();
  }
}

const SCENARIOS = { one, tenants, webhooks };
const figures: Record<string, object> = {};
for (const name of Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]) {
  if (!values.only.split(',').includes(name)) continue;
  figures[name] = await SCENARIOS[name]();
  console.log(name, JSON.stringify(figures[name], undefined, 2));
}
writeResult(values.name, figures);
process.exit();
