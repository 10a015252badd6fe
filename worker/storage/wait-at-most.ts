/** Resolves with the work's result, or with `undefined` after `timeoutMs`. The work itself goes on. */
export async function waitAtMost<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Bounds storage work in time. The signal aborts what is still under way then, and a store that ignores it is
 * not waited for.
 * @throws the signal's TimeoutError, or whatever the work throws
 */
export async function inTime<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onLate = () => reject(signal.reason);
  signal.addEventListener('abort', onLate, { once: true });
  const working = work(signal);
  // The loser's failure must not be an unhandled rejection.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, late]);
  } finally {
    signal.removeEventListener('abort', onLate);
  }
}
