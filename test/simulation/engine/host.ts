import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The beginning of every history, in milliseconds since the epoch. */
export const FIRST_MOMENT = Date.parse('2026-12-01T10:00:00.000Z');

/**
 * Something with a clock of its own that can be held up or killed: a process, or one invocation of a function.
 * Whatever code runs on it sees its time and its chance, and schedules for it.
 */
export class Host {
  readonly name: string;
  readonly time: VirtualTime;
  readonly random: Random;
  /** Of its clocks, against true time: 1 is exact. */
  rate = 1;
  /** By how much its wall clock is set off. */
  wallOffsetMs = 0;
  isAlive = true;
  isPaused = false;
  /** Milliseconds since the history began. */
  readonly startedAt: number;

  constructor(name: string, time: VirtualTime, random: Random) {
    this.name = name;
    this.time = time;
    this.random = random;
    this.startedAt = time.now;
  }

  /** Milliseconds since it began, by its own clock. */
  get monotonicMs(): number {
    return 1_000 + (this.time.now - this.startedAt) * this.rate;
  }

  get wallMs(): number {
    return FIRST_MOMENT + this.startedAt + this.monotonicMs - 1_000 + this.wallOffsetMs;
  }

  /** Runs at once; all that follows from it belongs to this host. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }
}

const current = new AsyncLocalStorage<Host>();

/** The host whose code is running; `undefined` outside of a simulation. */
export const currentHost = (): Host | undefined => current.getStore();

/** @throws where no host's code is running */
export function requireHost(): Host {
  const host = current.getStore();
  if (host === undefined) throw new Error('This is to be called by code that runs on a host.');
  return host;
}
