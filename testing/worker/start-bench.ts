import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pino from 'pino';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/start-sandbox.ts';
import type { SessionRegistry } from '../../worker/sessions/ports.ts';
import { createRegistry } from '../../worker/sessions/registry/create-registry.ts';
import type { RegistryDeps } from '../../worker/sessions/registry/registry-deps.ts';
import type { SettingsInput } from '../../worker/sessions/settings.ts';
import { openAuth } from '../../worker/whatsapp/state/open-auth.ts';
import { MapStore } from '../storage/map-store.ts';
import { RecordingSink } from './recording-sink.ts';

export const PHONE = '6281234567890';
export const FRIEND = '6289876543210';
export const SESSION = 'user-1-main';
export const jidOf = (number: string): string => `${number}@s.whatsapp.net`;
export const FRIEND_JID = jidOf(FRIEND);

export interface BenchWorker {
  registry: SessionRegistry;
  sink: RecordingSink;
  lease: { held: boolean };
  close(): Promise<void>;
}

export type WorkerOptions = { settings?: Partial<SettingsInput> } & Partial<Omit<RegistryDeps, 'settings'>>;

/** A sandbox, storage that outlives workers, and workers to start on them. */
export interface Bench {
  sandbox: Sandbox;
  store: MapStore;
  startWorker(options?: WorkerOptions): BenchWorker;
  close(): Promise<void>;
}

/** What is waited for comes, however slow the machine is: only a test that says so sees a time-out. */
const PATIENCE = { connectAnswerMs: 60_000, ackTimeoutMs: 60_000, logoutTimeoutMs: 60_000 };
const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

export async function startBench(options: SandboxOptions = {}): Promise<Bench> {
  const sandbox = await startSandbox(options);
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(sandbox.caCertPath, 'utf8')]);
  const store = new MapStore();
  const workers: BenchWorker[] = [];
  await sandbox.addAccount({ number: PHONE, name: 'Owner' });
  await sandbox.addContact({ number: FRIEND, name: 'Friend' });
  return {
    sandbox,
    store,
    startWorker: ({ settings, ...deps } = {}) => {
      const worker = createWorker(sandbox, store, settings ?? {}, deps);
      workers.push(worker);
      return worker;
    },
    close: async () => {
      for (const worker of workers) await worker.close();
      await sandbox.close();
    },
  };
}

function createWorker(
  sandbox: Sandbox,
  store: MapStore,
  settings: Partial<SettingsInput>,
  deps: Omit<WorkerOptions, 'settings'>,
): BenchWorker {
  const sink = new RecordingSink();
  const lease = { held: true };
  const registry = createRegistry({
    store,
    sink,
    lease: { isHeld: () => lease.held },
    log,
    openAuth,
    settings: {
      maxSessions: 5,
      whatsapp: { url: sandbox.url, noiseRoot: sandbox.trustRoot },
      reconnect: { firstMs: 20, longestMs: 200, stableMs: 60_000 },
      media: { allowPrivate: true },
      ...PATIENCE,
      ...settings,
    },
    ...deps,
  });
  const close = async () => {
    await registry.shutdown(async () => undefined);
  };
  return { registry, sink, lease, close };
}

/** A bench with one worker, which has linked the session. */
export async function startLinked(
  worker: WorkerOptions = {},
  sandbox: SandboxOptions = {},
): Promise<{ bench: Bench; worker: BenchWorker }> {
  const bench = await startBench(sandbox);
  const started = bench.startWorker(worker);
  await link(bench, started);
  return { bench, worker: started };
}

/** As after kill -9: between one instant and the next nothing more is written, nothing more leaves. */
export async function kill({ lease, registry }: BenchWorker): Promise<void> {
  lease.held = false;
  await registry.fence();
}

/** The next owner of the session, under its own epoch, once it is connected from what is stored. */
export async function takeOver(bench: Bench, epoch: number, options?: WorkerOptions): Promise<BenchWorker> {
  const next = bench.startWorker(options);
  await next.registry.start({ sessionId: SESSION, userId: 'user-1', epoch, rev: 1 });
  await next.sink.status('connected');
  return next;
}

/** What the friend has decrypted under this id, once there is something. */
export async function arrivals({ sandbox }: Bench, id: string, number = FRIEND) {
  return (await sandbox.inbox(number, { id, waitMs: 60_000 })).messages;
}

/** Creates the session, scans its QR as often as the phone asks to, and waits for `connected`. */
export async function link(
  { sandbox }: Pick<Bench, 'sandbox'>,
  { registry, sink }: BenchWorker,
  sessionId = SESSION,
  phone = PHONE,
): Promise<void> {
  const from = sink.reports.length;
  await registry.start({ sessionId, userId: 'user-1', epoch: 1, rev: 1 });
  let qr = await sink.status('qr_required', from);
  const first = await sandbox.scan(phone, qr.qrString ?? '');
  if (first.status === 'rescan') {
    const shown = qr.qrString;
    qr = await sink.until('session-status', (body) => body.qrString != null && body.qrString !== shown, from);
    await sandbox.scan(phone, qr.qrString ?? '');
  }
  await sink.status('connected', from);
}
