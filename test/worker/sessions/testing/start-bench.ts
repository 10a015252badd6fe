import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pino from 'pino';
import { createRegistry } from '../../../../worker/sessions/create-registry.ts';
import type { SessionRegistry } from '../../../../worker/sessions/ports.ts';
import type { RegistryDeps } from '../../../../worker/sessions/registry-deps.ts';
import type { SettingsInput } from '../../../../worker/sessions/settings.ts';
import { openAuth } from '../../../../worker/whatsapp/auth/open-auth.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../sandbox/start-sandbox.ts';
import { MemoryStore } from './memory-store.ts';
import { RecordingSink } from './recording-sink.ts';

export const PHONE = '6281234567890';
export const FRIEND = '6289876543210';
export const SESSION = 'user-1-main';

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
  store: MemoryStore;
  startWorker(options?: WorkerOptions): BenchWorker;
  close(): Promise<void>;
}

const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

export async function startBench(options: SandboxOptions = {}): Promise<Bench> {
  const sandbox = await startSandbox(options);
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(sandbox.caCertPath, 'utf8')]);
  const store = new MemoryStore();
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
  store: MemoryStore,
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
      ...settings,
    },
    ...deps,
  });
  const close = async () => {
    await registry.shutdown(async () => undefined);
  };
  return { registry, sink, lease, close };
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
