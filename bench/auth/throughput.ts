import {
  type BenchClient,
  FRIEND_JID,
  linkClient,
  readFlags,
  report,
  round,
  startBenchSandbox,
  type Variant,
} from './bench-kit.ts';

const flags = readFlags(
  `Messages a second until WhatsApp has acknowledged them, with one session and with many, beside bare Baileys.

  node bench/auth/throughput.ts [--messages 600] [--sessions 20] [--parallel 8] [--latency 60]
`,
  { messages: '600', sessions: '20', parallel: '8', latency: '60' },
);
const messages = Number(flags.messages);
const sessions = Number(flags.sessions);
const parallel = Number(flags.parallel);

async function rate(clients: readonly BenchClient[], count: number, tag: string): Promise<number> {
  const numbers = Array.from({ length: count }, (_, n) => n).values();
  const work = async ({ client, number }: BenchClient) => {
    for (const n of numbers) await client.send(FRIEND_JID, `message ${n}`, `${tag}-${number}-${n}`);
  };
  const start = performance.now();
  await Promise.all(clients.flatMap((each) => Array.from({ length: parallel }, () => work(each))));
  return round((count / (performance.now() - start)) * 1_000);
}

const sandbox = await startBenchSandbox();
let index = 0;
async function link(variant: Variant, count: number): Promise<BenchClient[]> {
  const clients: BenchClient[] = [];
  for (let n = 0; n < count; n++) {
    index += 1;
    const linked = await linkClient(sandbox, { variant, index });
    await linked.client.send(FRIEND_JID, 'warm', `WARM-${index}`);
    clients.push(linked);
  }
  return clients;
}
const bare = await link('bare', sessions);
const journal = await link('journal', sessions);
const [oneBare, oneJournal] = [bare.slice(0, 1), journal.slice(0, 1)];
const figures: Record<string, number> = {};
const setLatency = (latencyMs: number) => {
  for (const { store } of journal) store.latencyMs = latencyMs;
};
// Turn and turn about, so that whatever else the machine does hits all.
for (const turn of [1, 2, 3]) {
  figures[`oneBare${turn}`] = await rate(oneBare, messages, `OB${turn}`);
  figures[`oneImmediate${turn}`] = await rate(oneJournal, messages, `OJ${turn}`);
  figures[`manyBare${turn}`] = await rate(bare, messages, `MB${turn}`);
  figures[`manyImmediate${turn}`] = await rate(journal, messages, `MJ${turn}`);
  setLatency(Number(flags.latency));
  figures[`oneSlow${turn}`] = await rate(oneJournal, messages, `OS${turn}`);
  figures[`manySlow${turn}`] = await rate(journal, messages, `MS${turn}`);
  setLatency(0);
}
const best = (name: string) => Math.max(...[1, 2, 3].map((turn) => figures[`${name}${turn}`] ?? 0));
sandbox.stop();
const oneRatio = round(best('oneImmediate') / best('oneBare'), 2);
const manyRatio = round(best('manyImmediate') / best('manyBare'), 2);
await report(
  'throughput',
  {
    messages,
    sessions,
    parallel,
    latencyMs: Number(flags.latency),
    ...figures,
    oneRatio,
    manyRatio,
  },
  [
    {
      name: `messages/s of ${sessions} sessions over slow storage`,
      value: best('manySlow'),
      target: 150,
      atLeast: true,
    },
    { name: 'share of bare, one session, immediate storage', value: oneRatio, target: 0.5, atLeast: true },
    { name: 'share of bare, many sessions, immediate storage', value: manyRatio, target: 0.5, atLeast: true },
  ],
);
process.exit();
