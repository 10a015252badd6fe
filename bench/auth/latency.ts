import {
  type BenchSandbox,
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

async function measure(sandbox: BenchSandbox, variant: Variant, index: number) {
  const { client, store } = await linkClient(sandbox, { variant, index });
  await client.send(FRIEND_JID, 'warm', `WARM-${index}`);
  store.latencyMs = latencyMs;
  const puts: number[] = [];
  const put = store.put.bind(store);
  store.put = async (...args) => {
    const start = performance.now();
    await put(...args);
    puts.push(performance.now() - start);
  };
  const sends: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await client.send(FRIEND_JID, `message ${n}`, `L${index}-${n}`);
    sends.push(performance.now() - start);
  }
  store.latencyMs = 0;
  await client.close();
  return { sendMs: round(median(sends)), putMs: round(median(puts)) };
}

const sandbox = await startBenchSandbox();
const bare = await measure(sandbox, 'bare', 1);
const journal = await measure(sandbox, 'journal', 2);
sandbox.stop();
const overMs = round(journal.sendMs - bare.sendMs - journal.putMs);
await report('latency', { messages: count, latencyMs, bareSendMs: bare.sendMs, ...journal, overMs }, [
  { name: 'ms over bare and one PUT, median send', value: overMs, target: 15 },
]);
process.exit(0);
