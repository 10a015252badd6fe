import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CountingStore } from '../testing/storage/counting-store.ts';
import { link, startBench } from '../testing/worker/start-bench.ts';

const HELP = `How long a worker takes to hand over its sessions when it is told to stop.

  node bench/stop-worker.ts [--sessions 100] [--latency 50] [--placing 300]

Links so many sessions on the sandbox, gives storage a latency in milliseconds and the control plane so many to place
a session elsewhere, then releases all of them. The figures are kept in bench/results/stop-worker.json, or in the folder
that --results names. Ends with 0 where it took less than the worker allows itself (22 s).
`;

const BOUND_MS = 22_000;
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100' },
    latency: { type: 'string', default: '50' },
    placing: { type: 'string', default: '300' },
    results: { type: 'string', default: fileURLToPath(new URL('./results/', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
});

async function measure(): Promise<void> {
  const [sessions, latencyMs, placingMs] = [values.sessions, values.latency, values.placing].map(Number);
  const bench = await startBench();
  const store = new CountingStore(bench.store);
  const worker = bench.startWorker({ store, settings: { maxSessions: sessions ?? 0 } });
  for (let index = 0; index < (sessions ?? 0); index += 1) {
    const number = `62814${String(1_000_000 + index)}`;
    await bench.sandbox.addAccount({ number, name: number });
    await link(bench, worker, `user-1-line-${index}`, number);
  }
  store.latencyMs = latencyMs ?? 0;
  store.resetCounts();
  let released = 0;
  const startedAt = performance.now();
  await worker.registry.shutdown(async () => {
    await sleep(placingMs);
    released += 1;
  });
  const tookMs = Math.round(performance.now() - startedAt);
  const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  const result = {
    ...{ at: new Date().toISOString(), sessions, latencyMs, placingMs, machineLoad: load },
    ...{ released, tookMs, boundMs: BOUND_MS, requests: store.requests },
  };
  console.log(JSON.stringify(result, null, 2));
  await mkdir(values.results, { recursive: true });
  await writeFile(join(values.results, 'stop-worker.json'), `${JSON.stringify(result, null, 2)}\n`);
  if (tookMs > BOUND_MS || released !== sessions) process.exitCode = 1;
  await bench.close();
}

if (values.help) console.log(HELP);
else await measure();
