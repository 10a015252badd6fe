import { type ExchangeOutcome, exchange } from '../../test/chaos/harness/exchange.ts';
import { FRIEND, linkClient, readFlags, report, startBenchSandbox } from './bench-kit.ts';

const flags = readFlags(
  `Two-way traffic on one chat over slow storage: what was undecryptable, lost or told of twice.

  node bench/auth/traffic.ts [--messages 1000] [--latencies 20,60,200]
`,
  { messages: '1000', latencies: '20,60,200' },
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
const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
await report('traffic', { messages, rows }, [
  { name: 'undecryptable', value: sum((row) => row.undecryptable), target: 0 },
  { name: 'lost', value: sum((row) => row.lost), target: 0 },
  { name: 'told of twice', value: sum((row) => row.twice), target: 0 },
]);
process.exit(0);
