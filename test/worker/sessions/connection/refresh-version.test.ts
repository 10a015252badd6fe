import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Bench,
  type BenchWorker,
  link,
  PHONE,
  startBench,
} from '../../../../testing/worker/start-bench.ts';
import { VersionSource } from '../../../../worker/whatsapp/socket/wa-version.ts';

let bench: Bench;
let worker: BenchWorker;
let latest: [number, number, number];
let lookups: number;
let mark: number;

async function start(setting: 'auto' | [number, number, number]): Promise<void> {
  const fetchLatest = async () => {
    lookups += 1;
    return latest;
  };
  const versions = new VersionSource({ setting, fetchLatest, log: pino({ enabled: false }) });
  worker = bench.startWorker({ versions });
  await link(bench, worker);
  mark = worker.sink.reports.length;
}
const logins = async () => (await bench.sandbox.counters())[PHONE]?.logins ?? 0;

beforeEach(async () => {
  bench = await startBench();
  latest = [2, 3000, 1];
  lookups = 0;
});
afterEach(() => bench.close());

test('a new version of WhatsApp Web is taken up by the sessions that are connected, without a QR', async () => {
  await start('auto');
  const before = await logins();
  latest = [2, 3000, 2];
  await worker.registry.refreshVersion();
  await worker.sink.status('connected', mark);
  expect(await logins()).toBe(before + 1);
  expect(lookups).toBe(2);
  expect(
    worker.sink
      .of('session-status')
      .slice(mark)
      .map(({ status }) => status),
  ).not.toContain('qr_required');
});

test('connections stay as they are where the version is the same, or is set', async () => {
  await start('auto');
  const before = await logins();
  await worker.registry.refreshVersion();
  expect([lookups, await logins()]).toEqual([2, before]);
});

test('a version that is set is not looked up', async () => {
  await start([2, 3000, 1035194821]);
  const before = await logins();
  await worker.registry.refreshVersion();
  expect([lookups, await logins()]).toEqual([0, before]);
});
