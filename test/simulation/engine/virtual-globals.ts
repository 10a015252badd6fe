import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { ScheduledEvent } from './event-heap.ts';
import { currentHost, type Host } from './host.ts';

const RealDate = Date;
const real = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  now: performance.now.bind(performance),
  uptime: process.uptime.bind(process),
  random: Math.random,
  abortAfter: AbortSignal.timeout.bind(AbortSignal),
  sleep: timers.setTimeout,
  randomUUID: crypto.randomUUID,
  randomBytes: crypto.randomBytes,
  randomInt: crypto.randomInt,
};

/** What `setTimeout` answers on a host. */
class VirtualTimer {
  event: ScheduledEvent;

  constructor(event: ScheduledEvent) {
    this.event = event;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  close(): this {
    this.event.isCancelled = true;
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

type Callback = (...args: unknown[]) => void;

/** A host's clock may run fast or slow: its milliseconds are not quite true ones. */
const schedule = (host: Host, ms: number, run: () => void) =>
  host.time.schedule(host, Math.max(1, Number.isFinite(ms) ? ms : 1) / host.rate, 'timer', run);

function startTimer(callback: Callback, ms = 0, ...args: unknown[]) {
  const host = currentHost();
  if (host === undefined) return real.setTimeout(callback, ms, ...args);
  return new VirtualTimer(schedule(host, ms, () => callback(...args)));
}

function startInterval(callback: Callback, ms = 0, ...args: unknown[]) {
  const host = currentHost();
  if (host === undefined) return real.setInterval(callback, ms, ...args);
  const turn = () => {
    timer.event = schedule(host, ms, turn);
    callback(...args);
  };
  const timer = new VirtualTimer(schedule(host, ms, turn));
  return timer;
}

function startImmediate(callback: Callback, ...args: unknown[]) {
  const host = currentHost();
  if (host === undefined) return real.setImmediate(callback, ...args);
  return new VirtualTimer(host.time.schedule(host, 0, 'io', () => callback(...args)));
}

const stopTimer = (stop: (timer?: NodeJS.Timeout) => void) => (timer: unknown) => {
  if (timer instanceof VirtualTimer) timer.close();
  else stop(timer as NodeJS.Timeout | undefined);
};

function stopImmediate(timer: unknown): void {
  if (timer instanceof VirtualTimer) timer.close();
  else real.clearImmediate(timer as NodeJS.Immediate | undefined);
}

const abortError = (cause: unknown) =>
  Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' });

function sleep<T>(ms = 1, value?: T, options: { signal?: AbortSignal; ref?: boolean } = {}): Promise<T> {
  const host = currentHost();
  if (host === undefined) return real.sleep(ms, value as T, options);
  const { signal } = options;
  if (signal?.aborted === true) return Promise.reject(abortError(signal.reason));
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => {
    event.isCancelled = true;
    reject(abortError(signal?.reason));
  };
  const event = schedule(host, ms, () => {
    signal?.removeEventListener('abort', onAbort);
    resolve(value as T);
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  return promise;
}

/** One for all: most time-outs run out long after what they were for, and nobody looks at where they were made. */
const TIMED_OUT = new DOMException('The operation timed out.', 'TimeoutError');

function abortAfter(ms: number): AbortSignal {
  const host = currentHost();
  if (host === undefined) return real.abortAfter(ms);
  const controller = new AbortController();
  schedule(host, ms, () => controller.abort(TIMED_OUT));
  return controller.signal;
}

/** A host's own time where none is named. */
class VirtualDate extends RealDate {
  constructor(...given: ConstructorParameters<DateConstructor>) {
    if ((given as unknown[]).length > 0) super(...given);
    else super(VirtualDate.now());
  }

  static override now(): number {
    const host = currentHost();
    return host === undefined ? RealDate.now() : Math.floor(host.wallMs);
  }
}

function drawBytes(size: number): Buffer {
  const host = currentHost();
  if (host === undefined) return real.randomBytes(size);
  return Buffer.from(Array.from({ length: size }, () => host.random.below(256)));
}

function drawUuid(): ReturnType<typeof real.randomUUID> {
  if (currentHost() === undefined) return real.randomUUID();
  const hex = drawBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function drawInt(first: number, second?: number): number {
  const host = currentHost();
  if (host === undefined) return second === undefined ? real.randomInt(first) : real.randomInt(first, second);
  const [from, end] = second === undefined ? [0, first] : [first, second];
  return from + host.random.below(end - from);
}

/**
 * Gives code that runs on a host the host's time and chance; for all other code of this process everything stays as
 * it is. Answers the function that undoes it.
 */
export function installVirtualGlobals(): () => void {
  Object.assign(globalThis, {
    setTimeout: startTimer,
    clearTimeout: stopTimer(real.clearTimeout),
    setInterval: startInterval,
    clearInterval: stopTimer(real.clearInterval),
    setImmediate: startImmediate,
    clearImmediate: stopImmediate,
    Date: VirtualDate,
  });
  performance.now = () => currentHost()?.monotonicMs ?? real.now();
  process.uptime = () => (currentHost()?.monotonicMs ?? real.uptime() * 1_000) / 1_000;
  Math.random = () => currentHost()?.random.next() ?? real.random();
  AbortSignal.timeout = abortAfter;
  Object.assign(timers, { setTimeout: sleep });
  Object.assign(crypto, { randomUUID: drawUuid, randomBytes: drawBytes, randomInt: drawInt });
  syncBuiltinESMExports();
  return () => {
    const { now, uptime, random, sleep: realSleep, abortAfter: realAbortAfter } = real;
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = real;
    const plain = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };
    Object.assign(globalThis, { ...plain, Date: RealDate });
    performance.now = now;
    process.uptime = uptime;
    Math.random = random;
    AbortSignal.timeout = realAbortAfter;
    Object.assign(timers, { setTimeout: realSleep });
    const { randomUUID, randomBytes, randomInt } = real;
    Object.assign(crypto, { randomUUID, randomBytes, randomInt });
    syncBuiltinESMExports();
  };
}
