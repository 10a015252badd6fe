import { afterEach, expect, test } from 'vitest';
import { type Bench, link, PHONE, SESSION, startBench } from '../../../../testing/worker/start-bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const input = { sessionId: SESSION, userId: 'user-1', epoch: 1, rev: 1 };
const owner = { epoch: 1, rev: 1 };

test.each(['2026', 'classic'] as const)('a code links where the QR flow is that of %s', async (linking) => {
  bench = await startBench({ linking });
  const { registry, sink } = bench.startWorker();
  await registry.create(input);
  const { code, expiresAt, phoneNumber } = await registry.pairingCode(SESSION, owner, PHONE);
  expect(code).toMatch(/^[0-9A-Z]{8}$/);
  expect(phoneNumber).toBe(`+${PHONE}`);
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  await bench.sandbox.enterCode(PHONE, code);
  expect(await sink.status('connected')).toMatchObject({ phoneNumber: `+${PHONE}` });
  expect(await bench.sandbox.devices(PHONE)).toHaveLength(1);
});

test('a session that was linked by code comes back by itself in another worker', async () => {
  bench = await startBench();
  const first = bench.startWorker();
  await first.registry.create(input);
  const { code } = await first.registry.pairingCode(SESSION, owner, PHONE);
  await bench.sandbox.enterCode(PHONE, code);
  await first.sink.status('connected');
  await first.close();
  const second = bench.startWorker();
  await second.registry.start({ ...input, epoch: 2 });
  expect(await second.sink.status('connected')).toMatchObject({ phoneNumber: `+${PHONE}` });
});

test('a second call gives a new code, and only the new one links', async () => {
  bench = await startBench();
  const { registry, sink } = bench.startWorker();
  await registry.create(input);
  const first = await registry.pairingCode(SESSION, owner, PHONE);
  const second = await registry.pairingCode(SESSION, owner, PHONE);
  expect(second.code).not.toBe(first.code);
  await expect(bench.sandbox.enterCode(PHONE, first.code)).rejects.toThrow(/code is wrong/);
  const third = await registry.pairingCode(SESSION, owner, PHONE);
  await bench.sandbox.enterCode(PHONE, third.code);
  await sink.status('connected');
});

test('a linked session gives no code', async () => {
  bench = await startBench();
  const worker = bench.startWorker();
  await link(bench, worker);
  await expect(worker.registry.pairingCode(SESSION, owner, PHONE)).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

test('a number that is not on WhatsApp is refused with a sentence, and the QR links all the same', async () => {
  bench = await startBench({ linking: '2026' });
  const { registry, sink } = bench.startWorker();
  await registry.create(input);
  await expect(registry.pairingCode(SESSION, owner, '628999999999')).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    message: 'This phone number is not on WhatsApp.',
  });
  const { qrString } = await sink.status('qr_required');
  await bench.sandbox.scan(PHONE, qrString ?? '');
  const rotated = await sink.until(
    'session-status',
    (body) => body.qrString != null && body.qrString !== qrString,
  );
  await bench.sandbox.scan(PHONE, rotated.qrString ?? '');
  await sink.status('connected');
});

test('an attempt whose code nobody typed leaves nothing to the next: a QR links then', async () => {
  bench = await startBench({ linking: '2026' });
  const worker = bench.startWorker();
  await worker.registry.create(input);
  await worker.registry.pairingCode(SESSION, owner, PHONE);
  // What WhatsApp says when its time is over.
  await bench.sandbox.addFault({ kind: 'stream-error', code: 408 });
  expect(await worker.sink.status('disconnected')).toMatchObject({ errorCode: 'QR_EXPIRED' });
  await worker.close();
  const next = bench.startWorker();
  await link(bench, next, SESSION);
});
