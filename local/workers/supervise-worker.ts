import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../worker/env.ts';
import type { LogBook } from '../logs/open-log-book.ts';

export interface WorkerOptions {
  workerId: string;
  /** 0 takes a free port and keeps it over restarts. */
  port: number;
  env: Readonly<Record<string, string>>;
  logs: LogBook;
  /** Called when the process is gone, and awaited before it is started again. */
  onDeath: (workerId: string) => Promise<void>;
}

/** One worker process, started again when it dies. */
export interface SupervisedWorker {
  readonly workerId: string;
  /** Undefined between death and restart. */
  readonly pid: number | undefined;
  readonly port: number;
  /** Deaths in a row soon after a start. */
  readonly quickFailures: number;
  /** Resolves once the process is gone; it is started again afterwards. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it for good, gracefully; by force where that takes too long. */
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));
/** Slightly more than the worker allows itself. */
const STOP_TIMEOUT_MS = 25_000;
const STDERR_LEVEL = 40;
const STDOUT_LEVEL = 30;

/** The worker shares this process's cache of compiled sources. */
function cacheVariable(): Record<string, string> {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

class Supervisor implements SupervisedWorker {
  readonly workerId: string;
  readonly #options: WorkerOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #port: number;
  #restart: RestartState = { quickFailures: 0 };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: WorkerOptions) {
    this.workerId = options.workerId;
    this.#options = options;
    this.#port = options.port;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get port(): number {
    return this.#port;
  }

  get quickFailures(): number {
    return this.#restart.quickFailures;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(force);
  }

  #start(): void {
    const { workerId, env, logs, port } = this.#options;
    // A free port found earlier may be in use by now.
    if (this.#restart.quickFailures > 1) this.#port = port;
    const startedAt = performance.now();
    // The channel ends with this process, however it ends, and the worker follows it.
    const child = spawn(process.execPath, [...NODE_FLAGS, MAIN], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...cacheVariable(), ...env, WORKER_ID: workerId, WORKER_PORT: String(this.#port) },
    });
    this.#child = child;
    if (child.stdout !== null) logs.follow(workerId, child.stdout, STDOUT_LEVEL);
    if (child.stderr !== null) logs.follow(workerId, child.stderr, STDERR_LEVEL);
    child.on('message', (message: { type?: unknown; port?: unknown }) => {
      if (message.type === 'listening' && typeof message.port === 'number') this.#port = message.port;
    });
    child.on('error', (error) =>
      logs.write(workerId, `could not be started: ${error.message}`, STDERR_LEVEL),
    );
    this.#exited = once(child, 'exit').then(
      ([code, signal]) => this.#onExit(performance.now() - startedAt, code, signal),
      () => this.#onExit(performance.now() - startedAt, null, null),
    );
  }

  async #onExit(ranMs: number, code: unknown, signal: unknown): Promise<void> {
    const { workerId, logs, onDeath } = this.#options;
    this.#child = undefined;
    const { delayMs, ...restart } = nextRestart(this.#restart, ranMs);
    this.#restart = restart;
    try {
      await onDeath(workerId);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      logs.write(workerId, `its end could not be told to the control plane: ${reason}`, STDERR_LEVEL);
    }
    if (this.#stopped) return;
    const how = signal === null ? `with code ${String(code)}` : `by ${String(signal)}`;
    logs.write(workerId, `ended ${how}; starting again in ${delayMs} ms`, STDERR_LEVEL);
    this.#timer = setTimeout(() => this.#start(), delayMs);
  }
}

/** Starts a worker as a child process and keeps it running. */
export function superviseWorker(options: WorkerOptions): SupervisedWorker {
  return new Supervisor(options);
}

/** A second by default; longer for a worker that keeps dying soon after its start. */
const FIRST_MS = 1000;
const MOST_MS = 30_000;
/** A worker that ran this long did not die of its start. */
const STABLE_MS = 10_000;

export interface RestartState {
  quickFailures: number;
}

/** Decides what follows when a worker ended that had run for `ranMs`. */
export function nextRestart(
  { quickFailures }: RestartState,
  ranMs: number,
): RestartState & { delayMs: number } {
  if (ranMs >= STABLE_MS) return { quickFailures: 0, delayMs: FIRST_MS };
  return { quickFailures: quickFailures + 1, delayMs: Math.min(MOST_MS, FIRST_MS * 2 ** quickFailures) };
}
