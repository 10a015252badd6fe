import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorkerSettings } from '../../../shared/sessions/settings.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  link,
  PHONE,
  SESSION,
  startBench,
} from '../../../testing/worker/start-bench.ts';
import { startHttpProxy, startSocksProxy, type TestProxy } from '../../../testing/worker/start-proxy.ts';

let bench: Bench;
let proxies: TestProxy[];
beforeEach(async () => {
  bench = await startBench();
  proxies = [];
});
afterEach(async () => {
  await bench.close();
  for (const proxy of proxies) await proxy.close();
});

const owner = { sessionId: SESSION, userId: 'user-1', epoch: 1, rev: 1 };
const settings = (rev: number, given: Partial<WorkerSettings>): WorkerSettings => ({
  rev,
  pacing: null,
  proxy: null,
  history: true,
  ...given,
});
const host = () => new URL(bench.sandbox.url).host;

async function proxy(start: () => Promise<TestProxy>): Promise<TestProxy> {
  const made = await start();
  proxies.push(made);
  return made;
}

async function linkThrough({ registry, sink }: BenchWorker, through: string): Promise<void> {
  await registry.create({ ...owner, settings: settings(1, { proxy: through }) });
  const { code } = await registry.pairingCode(SESSION, owner, PHONE);
  await bench.sandbox.enterCode(PHONE, code);
  await sink.status('connected');
}

// First: a process that trusts several sandboxes’ certificates finds only the first one’s.
test('a proxy over HTTP or SOCKS5 is the only way the session takes to WhatsApp, files both ways included', async () => {
  const worker = bench.startWorker();
  const url = `data:image/png;base64,${Buffer.from('a picture').toString('base64')}`;
  const picture = { to: FRIEND_JID, type: 'image' as const, media: { url } };

  const http = await proxy(startHttpProxy);
  await linkThrough(worker, http.url());
  // Once to link, once to log in.
  expect(http.targets).toEqual([host(), host()]);
  await worker.registry.send(SESSION, picture);
  expect(http.targets).toHaveLength(3);

  const socks = await proxy(startSocksProxy);
  const before = worker.sink.reports.length;
  await worker.registry.configure(SESSION, 1, settings(2, { proxy: socks.url() }));
  await worker.sink.status('connected', before);
  await worker.registry.send(SESSION, picture);
  expect(socks.targets).toEqual([host(), http.targets[2]]);

  await bench.sandbox.send(FRIEND, {
    to: PHONE,
    media: { type: 'image', dataBase64: Buffer.from('another').toString('base64'), mimetype: 'image/png' },
  });
  const { data } = await worker.sink.event('message_received');
  expect(data).toMatchObject({ media: { sizeBytes: 7 } });
  expect(data).not.toHaveProperty('media.error');
  expect(socks.targets).toHaveLength(3);
  expect(http.targets).toHaveLength(3);
});

test('a proxy that is set on a live session makes it connect anew, through it', async () => {
  const worker = bench.startWorker();
  await link(bench, worker);
  const through = await proxy(startHttpProxy);
  const before = worker.sink.reports.length;
  await worker.registry.configure(SESSION, 1, settings(1, { proxy: through.url() }));
  await worker.sink.status('connected', before);
  expect(through.targets).toEqual([host()]);
});

test('a proxy that asks for credentials gets them; with wrong ones the session says so and stops', async () => {
  const through = await proxy(() => startHttpProxy('user:secret'));
  const worker = bench.startWorker();
  const wrong = settings(1, { proxy: through.url('user:guess') });
  await worker.registry.start({ ...owner, settings: wrong });
  const report = await worker.sink.status('error');
  expect(report).toMatchObject({ errorCode: 'PROXY_REFUSED' });
  expect(report.error).not.toMatch(/guess/);
  await worker.registry.configure(SESSION, 1, settings(2, { proxy: through.url('user:secret') }));
  await worker.sink.status('qr_required');
  expect(through.targets).toEqual([host()]);
});

test('a proxy on a private address is refused where that is not allowed', async () => {
  const through = await proxy(startHttpProxy);
  const { registry, sink } = bench.startWorker({ settings: { media: { allowPrivate: false } } });
  await registry.start({ ...owner, settings: settings(1, { proxy: through.url() }) });
  expect(await sink.status('error')).toMatchObject({ errorCode: 'PROXY_REFUSED' });
  expect(through.targets).toEqual([]);
});
