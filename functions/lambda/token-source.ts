import type { Logger } from 'pino';

/** The values of a secret that are valid now, the one to use first. */
export type TokenSource = () => Promise<readonly string[]>;

export interface TokenSourceOptions {
  /** Reads the secret. */
  read: () => Promise<readonly string[]>;
  /** Milliseconds. */
  now: () => number;
  log: Logger;
}

/** A warm function learns of a rotation within this time. */
const FRESH_MS = 5 * 60_000;
/** Pause before a secret that could not be read is asked for again. */
const PAUSE_MS = 30_000;

/**
 * Keeps a secret's values and reads them again periodically. While reading fails, the known values stay
 * valid: with three values, one successful read between two rotations is enough.
 * @throws what `read` throws, as long as nothing is known
 */
export function createTokenSource({ read, now, log }: TokenSourceOptions): TokenSource {
  let known: readonly string[] | undefined;
  let askAt = 0;
  let reading: Promise<readonly string[]> | undefined;

  async function refresh(): Promise<readonly string[]> {
    try {
      known = await read();
      askAt = now() + FRESH_MS;
      return known;
    } catch (error) {
      if (known === undefined) throw error;
      askAt = now() + PAUSE_MS;
      log.warn({ err: error }, 'a secret could not be read again; what is known goes on');
      return known;
    } finally {
      reading = undefined;
    }
  }

  return async () => {
    if (known !== undefined && now() < askAt) return known;
    reading ??= refresh();
    return await reading;
  };
}
