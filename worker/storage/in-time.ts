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
