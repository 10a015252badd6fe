import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { ReportSink } from '../../worker/report.ts';
import { createRegistry } from '../../worker/sessions/registry/create-registry.ts';
import { createS3ObjectStore } from '../../worker/storage/s3-object-store.ts';
import { openAuth } from '../../worker/whatsapp/state/open-auth.ts';
import { CountingStore } from '../storage/counting-store.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';

/** A worker with one session in a process of its own, for killing. */
const setup: WorkerSetup = JSON.parse(process.argv[2] ?? '{}');
const tell = (message: FromWorker) => process.send?.(message);
const POLL_MS = 10;
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

process.on('disconnect', () => process.exit(0));

const { sessionId, epoch, network, latencyMs, diesBeforeFrame } = setup;
const store = new CountingStore(createS3ObjectStore(setup.s3), latencyMs);
const accepted = new Map<string, () => void>();
const crash = { isNear: false };

const sink: ReportSink = {
  deliver: (report) => {
    const { body } = report;
    if (report.kind === 'session-status') {
      const { status, qrString } = report.body;
      if (status === 'qr_required' && qrString) tell({ type: 'qr', qr: qrString });
      return Promise.resolve('accepted');
    }
    const reportId = body.id ?? '';
    return new Promise((resolve) => {
      accepted.set(reportId, () => resolve('accepted'));
      tell({ type: 'report', reportId, report });
    });
  },
};

const registry = createRegistry({
  store,
  sink,
  log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
  settings: { maxSessions: 1, whatsapp: network, ackTimeoutMs: 30_000 },
  openAuth: async (options) => {
    const auth = await openAuth(options);
    const add = auth.outgoing.add;
    auth.outgoing.add = (...message) => {
      add(...message);
      crash.isNear = diesBeforeFrame;
    };
    return auth;
  },
  lease: {
    // Asked when everything that a frame depends on is durable, immediately before it goes.
    isHeld: () => {
      if (crash.isNear) process.kill(process.pid, 'SIGKILL');
      return true;
    },
  },
});

process.on('message', (message: ToWorker) => {
  if (message.type === 'accepted') accepted.get(message.reportId)?.();
  else if (message.type === 'send') {
    const { id, to, text } = message;
    registry.send(sessionId, { to, type: 'text', message: text, messageId: id }).then(
      ({ status }) => tell({ type: 'answered', id, status: status === 'pending' ? 'pending' : 'sent' }),
      (error: unknown) => tell({ type: 'refused', id, reason: reasonOf(error) }),
    );
  } else void registry.shutdown(async () => undefined).then(() => process.disconnect());
});

await registry.start({ sessionId, userId: 'chaos', epoch, rev: 1 });
// Not from its report, which waits its turn while nothing is accepted.
while ((await registry.status(sessionId)).status !== 'connected') await sleep(POLL_MS);
tell({ type: 'open' });
