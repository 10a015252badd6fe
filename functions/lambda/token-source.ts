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

/** A value that was rotated in, or out, counts in every warm function after so long. */
const FRESH_MS = 5 * 60_000;
/** A secret that cannot be read just now is not asked for at every request. */
const PAUSE_MS = 30_000;

/**
 * Keeps a secret's values, and reads them again now and then. While that fails, what is known goes on: with
 * three values, whoever reads between two rotations knows enough.
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
