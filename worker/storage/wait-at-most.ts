/** What the work resolves with, or `undefined` after `timeoutMs`. It is not ended: only waited for no longer. */
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
 * Does storage work that may take so long and no longer. The signal ends what is still under way then, and a
 * store that does not heed it is not waited for.
 * @throws the signal's TimeoutError, or whatever the work throws
 */
export async function inTime<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onLate = () => reject(signal.reason);
  signal.addEventListener('abort', onLate, { once: true });
  const working = work(signal);
  // Whichever comes second has nobody left to tell.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, late]);
  } finally {
    signal.removeEventListener('abort', onLate);
  }
}
