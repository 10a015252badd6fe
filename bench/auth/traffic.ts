import { type ExchangeOutcome, exchange } from '../../testing/kills/exchange.ts';
import { FRIEND, linkClient, readFlags, report, startBenchSandbox } from './bench-kit.ts';

const flags = readFlags(
  `Two-way traffic on one chat over slow storage: what was undecryptable, lost or told of twice.

  node bench/auth/traffic.ts [--messages 1000] [--latencies 20,60,200] [--control 200]

The last run is the control: Baileys with its own repository over a key store of 20 ms, and so many messages each way.
It has to fail.
`,
  { messages: '1000', latencies: '20,60,200', control: '200' },
);
const messages = Number(flags.messages);
type Row = ExchangeOutcome & { addressing: string; latencyMs: number; seconds: number; puts: number };
const rows: Row[] = [];
for (const addressing of ['lid', 'pn'] as const) {
  const sandbox = await startBenchSandbox(addressing);
  const { client, store, number } = await linkClient(sandbox, { variant: 'journal' });
  for (const latencyMs of flags.latencies.split(',').map(Number)) {
    store.latencyMs = latencyMs;
    store.resetCounts();
    const start = performance.now();
    const tag = `${addressing}${latencyMs}`;
    const outcome = await exchange({
      sandbox: sandbox.verbs,
      client,
      owner: number,
      friend: FRIEND,
      messages,
      tag,
    });
    const seconds = Math.round((performance.now() - start) / 1_000);
    rows.push({ addressing, latencyMs, ...outcome, seconds, puts: store.counts.put });
    console.log(JSON.stringify(rows.at(-1)));
  }
  store.latencyMs = 0;
  await client.close();
  sandbox.stop();
}
const CONTROL_LATENCY_MS = 20;
/** The same two-way run with the stock key store, where most architectures would put S3 or a database. */
async function runControl() {
  const count = Number(flags.control);
  const sandbox = await startBenchSandbox('lid');
  const { client, number, setLatency } = await linkClient(sandbox, { variant: 'bare' });
  setLatency(CONTROL_LATENCY_MS);
  const outcome = await exchange({
    sandbox: sandbox.verbs,
    client,
    owner: number,
    friend: FRIEND,
    messages: count,
    tag: 'control',
    settleMs: 5_000,
  });
  setLatency(0);
  await client.close();
  sandbox.stop();
  return { store: 'stock', messages: count, latencyMs: CONTROL_LATENCY_MS, ...outcome };
}
const control = await runControl();
console.log(JSON.stringify(control));

const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
await report('traffic', { messages, rows, control }, [
  { name: 'undecryptable', value: sum((row) => row.undecryptable), target: 0 },
  { name: 'lost', value: sum((row) => row.lost), target: 0 },
  { name: 'told of twice', value: sum((row) => row.twice), target: 0 },
  {
    name: `undecryptable with the stock key store, of ${2 * control.messages}`,
    value: control.undecryptable,
    target: 1,
    atLeast: true,
  },
]);
process.exit();
