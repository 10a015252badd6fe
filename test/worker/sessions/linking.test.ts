import { afterEach, expect, test } from 'vitest';
import {
  type Bench,
  type BenchWorker,
  link,
  PHONE,
  SESSION,
  startBench,
} from '../../../testing/worker/start-bench.ts';
import { noRotation } from '../../../worker/whatsapp/workarounds/rotate-linking-secret.ts';

let bench: Bench;
afterEach(() => bench.close());

const input = { sessionId: SESSION, userId: 'user-1', epoch: 1, rev: 1 };

test.each(['2026', 'classic'] as const)('links by the QR of the %s flow', async (linking) => {
  bench = await startBench({ linking });
  const worker = bench.startWorker();
  await link(bench, worker);
  expect(await worker.registry.status(SESSION)).toMatchObject({
    status: 'connected',
    phoneNumber: `+${PHONE}`,
  });
  expect(await bench.sandbox.devices(PHONE)).toHaveLength(1);
});

test('never links in the flow of 2026 without rotating the secret', async () => {
  bench = await startBench({ linking: '2026' });
  const { registry, sink } = bench.startWorker({ rotateSecret: noRotation });
  await registry.start(input);
  const { qrString } = await sink.status('qr_required');
  expect(await bench.sandbox.scan(PHONE, qrString ?? '')).toEqual({ status: 'rescan' });
  await expect(bench.sandbox.scan(PHONE, qrString ?? '')).rejects.toThrow(/retired/);
  expect(await bench.sandbox.devices(PHONE)).toHaveLength(0);
});

const refOf = (qr: string | null | undefined) => qr?.split('#')[1]?.split(',')[0];
const secretOf = (qr: string | null | undefined) => qr?.split('#')[1]?.split(',')[3];

/** The first QR, and the first with another secret, which its scan has asked for. */
async function scanOnce({ registry, sink }: BenchWorker) {
  await registry.start(input);
  const first = await sink.status('qr_required');
  await bench.sandbox.scan(PHONE, first.qrString ?? '');
  const rotated = await sink.until(
    'session-status',
    ({ qrString }) => qrString != null && secretOf(qrString) !== secretOf(first.qrString),
  );
  return { first, rotated };
}

test('a scan of the first QR changes its secret, and not its ref', async () => {
  bench = await startBench({ linking: '2026' });
  const { first, rotated } = await scanOnce(bench.startWorker());
  expect(refOf(rotated.qrString)).toBe(refOf(first.qrString));
});

test('the rotated secret stays in every later QR of the attempt', async () => {
  bench = await startBench({ linking: '2026' });
  const worker = bench.startWorker({ settings: { qrTtlMs: 1_000 } });
  const { sink } = worker;
  const { rotated } = await scanOnce(worker);
  const later = await sink.until(
    'session-status',
    ({ qrString }) => qrString != null && refOf(qrString) !== refOf(rotated.qrString),
    sink.reports.findIndex(({ body }) => body === rotated) + 1,
  );
  expect(secretOf(later.qrString)).toBe(secretOf(rotated.qrString));
  await bench.sandbox.scan(PHONE, later.qrString ?? '');
  await sink.status('connected');
});

test('connect answers with the first QR, as a picture and as text', async () => {
  bench = await startBench();
  const { registry } = bench.startWorker();
  expect(await registry.create(input)).toMatchObject({ status: 'disconnected', phoneNumber: null });
  const answer = await registry.connect(SESSION, { epoch: 1, rev: 2 });
  expect(answer).toMatchObject({ status: 'qr_required' });
  expect(answer.qrString).toMatch(/^https:\/\/wa\.me\/settings\/linked_devices#/);
  expect(answer.qrCode).toMatch(/^data:image\/png;base64,iVBOR/);
  expect(Date.parse(answer.qrExpiresAt ?? '')).toBeGreaterThan(Date.now());
});

test('a session whose QR codes ran out is disconnected, and a new connect shows new ones', async () => {
  bench = await startBench();
  const { registry, sink } = bench.startWorker({ settings: { qrTtlMs: 30 } });
  await registry.start(input);
  expect(await sink.status('disconnected')).toMatchObject({ errorCode: 'QR_EXPIRED' });
  const again = sink.reports.length;
  await registry.connect(SESSION, { epoch: 1, rev: 2 });
  await sink.status('qr_required', again);
});

test('an account that demands a passkey is an error that says so', async () => {
  bench = await startBench();
  const { registry, sink } = bench.startWorker();
  await bench.sandbox.addFault({ kind: 'passkey', account: PHONE });
  await registry.start(input);
  const { qrString } = await sink.status('qr_required');
  await bench.sandbox.scan(PHONE, qrString ?? '').catch(() => undefined);
  const report = await sink.status('error');
  expect(report).toMatchObject({ errorCode: 'PASSKEY_REQUIRED' });
  expect(report.error).toMatch(/passkey/);
});
