import { pino } from 'pino';
import { CountingStore } from '../../testing/storage/counting-store.ts';
import { MapStore } from '../../testing/storage/map-store.ts';
import type { ReportSink } from '../../worker/report.ts';
import type { SessionRegistry } from '../../worker/sessions/ports.ts';
import { createRegistry } from '../../worker/sessions/registry/create-registry.ts';
import { openAuth } from '../../worker/whatsapp/state/open-auth.ts';
import { numberOf, readFlags, report, round, startBenchSandbox } from './bench-kit.ts';

const flags = readFlags(
  `What it takes to restore the sessions of a worker that was killed: requests, time, and how many at a time.

  node bench/auth/restore.ts [--sessions 50] [--latency 20]
`,
  { sessions: '50', latency: '20' },
);
const count = Number(flags.sessions);
const sandbox = await startBenchSandbox();
const store = new CountingStore(new MapStore());
const idOf = (index: number) => `bench-${index}`;

/** How many sessions are between their first request and their login. */
const restoring = new Set<string>();
let most = 0;

function startRegistry(onStatus: (sessionId: string, status: string, qr: string | undefined) => void) {
  const sink: ReportSink = {
    deliver: async ({ kind, body }) => {
      if (kind === 'session-status') onStatus(body.sessionId, body.status, body.qrString ?? undefined);
      return 'accepted';
    },
  };
  return createRegistry({
    store,
    sink,
    lease: { isHeld: () => true },
    log: pino({ level: 'silent' }),
    settings: { maxSessions: count, whatsapp: sandbox.network },
    openAuth: (options) => {
      restoring.add(options.sessionId);
      most = Math.max(most, restoring.size);
      return openAuth(options);
    },
  });
}

async function linkAll(): Promise<SessionRegistry> {
  let linked: (() => void) | undefined;
  const registry = startRegistry((sessionId, status, qr) => {
    const number = numberOf(Number(sessionId.split('-')[1]));
    if (status === 'qr_required' && qr) void sandbox.verbs.scan(number, qr).catch(() => undefined);
    if (status === 'connected') linked?.();
  });
  for (let index = 0; index < count; index++) {
    await sandbox.verbs.addAccount({ number: numberOf(index), name: `Owner ${index}` });
    const connected = new Promise<void>((resolve) => {
      linked = resolve;
    });
    await registry.start({ sessionId: idOf(index), userId: 'bench', epoch: 1, rev: 1 });
    await connected;
  }
  return registry;
}

const killed = await linkAll();
await killed.fence();
restoring.clear();
most = 0;
store.resetCounts();
store.latencyMs = Number(flags.latency);
const next = startRegistry((sessionId, status) => {
  if (status === 'connected') restoring.delete(sessionId);
});
const start = performance.now();
const wishes = Array.from({ length: count }, (_, index) => ({
  sessionId: idOf(index),
  userId: 'bench',
  epoch: 2,
  rev: 1,
  desired: 'connected' as const,
}));
const results = await next.converge(wishes);
const seconds = round((performance.now() - start) / 1_000, 1);
const requests = { ...store.counts };
const total = Object.values(requests).reduce((sum, each) => sum + each, 0);
const failed = results.filter(({ status }) => status !== 'recovered').length;
await next.fence();
sandbox.stop();
await report(
  'restore',
  { sessions: count, latencyMs: Number(flags.latency), seconds, requests, mostAtOneTime: most, failed },
  [
    { name: 'sessions that were not restored', value: failed, target: 0 },
    { name: 'sessions restored at one time', value: most, target: 10 },
    { name: 'requests per session', value: round(total / count, 1), target: 66 },
  ],
);
process.exit();
