import {
  type BenchClient,
  FRIEND_JID,
  linkClient,
  median,
  readFlags,
  report,
  round,
  startBenchSandbox,
  type Variant,
} from './bench-kit.ts';

const flags = readFlags(
  `How long a send takes until WhatsApp has acknowledged it, beside bare Baileys.

  node bench/auth/latency.ts [--messages 100] [--latency 60]
`,
  { messages: '100', latency: '60' },
);
const count = Number(flags.messages);
const latencyMs = Number(flags.latency);

interface Side {
  linked: BenchClient;
  sends: number[];
}

const sandbox = await startBenchSandbox();
async function prepare(variant: Variant, index: number): Promise<Side> {
  const linked = await linkClient(sandbox, { variant, index });
  await linked.client.send(FRIEND_JID, 'warm', `WARM-${index}`);
  linked.store.latencyMs = latencyMs;
  return { linked, sends: [] };
}
const bare = await prepare('bare', 1);
const journal = await prepare('journal', 2);
const puts: number[] = [];
const { store } = journal.linked;
const put = store.put.bind(store);
store.put = async (...args) => {
  const start = performance.now();
  await put(...args);
  puts.push(performance.now() - start);
};

// In turns, so that whatever else the machine does hits both.
for (let n = 0; n < count; n++)
  for (const { linked, sends } of [bare, journal]) {
    const start = performance.now();
    await linked.client.send(FRIEND_JID, `message ${n}`, `L-${linked.number}-${n}`);
    sends.push(performance.now() - start);
  }
sandbox.stop();
const [bareSendMs, sendMs, putMs] = [bare.sends, journal.sends, puts].map((values) => round(median(values)));
const overMs = round((sendMs ?? 0) - (bareSendMs ?? 0) - (putMs ?? 0));
await report('latency', { messages: count, latencyMs, bareSendMs, sendMs, putMs, overMs }, [
  { name: 'ms over bare and one PUT, median send', value: overMs, target: 15 },
]);
process.exit();
