import { EventEmitter, once } from 'node:events';
import { workerIdOf } from '../control-plane/bury-workers.ts';
import { LocalError } from '../local-error.ts';
import type { LogBook } from '../logs/open-log-book.ts';
import { assertPortsFree } from '../services/start-server.ts';
import { type SupervisedWorker, superviseWorker } from './supervise-worker.ts';

export interface WorkersOptions {
  count: number;
  /** Port of the first worker; the others follow. 0 takes free ones. */
  firstPort: number;
  env: Readonly<Record<string, string>>;
  logs: LogBook;
  onDeath: (workerId: string) => Promise<void>;
}

/** Every worker process of this run. */
export interface LocalWorkers {
  readonly all: readonly SupervisedWorker[];
  /** Called by the control plane when a worker has registered. */
  registered(workerId: string): void;
  nextRegistration(workerId: string): Promise<void>;
  /** Resolves once each has registered once. @throws LocalError where they cannot */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** A worker that fails to start three times in a row is given up. */
const HOPELESS = 3;
const READY_TIMEOUT_MS = 60_000;

export async function startWorkers(options: WorkersOptions): Promise<LocalWorkers> {
  const { count, firstPort, onDeath, ...rest } = options;
  const ports = Array.from({ length: count }, (_, index) => (firstPort === 0 ? 0 : firstPort + index));
  await assertPortsFree(ports);
  const missing = new Set(ports.map((_, index) => workerIdOf(index)));
  const ready = Promise.withResolvers<void>();
  const giveUp = (why: string) =>
    ready.reject(new LocalError(`${why}; what it said stands above and in .local/logs/.`));
  const all: SupervisedWorker[] = ports.map((port, index) =>
    superviseWorker({
      ...rest,
      workerId: workerIdOf(index),
      port,
      onDeath: async (workerId) => {
        if ((all[index]?.quickFailures ?? 0) >= HOPELESS) giveUp(`${workerId} ends again and again`);
        await onDeath(workerId);
      },
    }),
  );
  const timer = setTimeout(() => giveUp('No worker has registered within a minute'), READY_TIMEOUT_MS);
  // Its failure must not become an uncaught error where nobody awaits it.
  ready.promise.catch(() => {}).finally(() => clearTimeout(timer));
  const registrations = new EventEmitter();
  return {
    all,
    nextRegistration: async (workerId) => {
      await once(registrations, workerId);
    },
    registered: (workerId) => {
      registrations.emit(workerId);
      missing.delete(workerId);
      if (missing.size === 0) ready.resolve();
    },
    ready: () => ready.promise,
    stop: async () => {
      clearTimeout(timer);
      await Promise.all(all.map((worker) => worker.stop()));
    },
  };
}
