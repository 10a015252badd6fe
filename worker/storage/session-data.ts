import * as z from 'zod';
import type { ObjectStore } from './object-store.ts';

/** What a person who looks at the bucket wants to know of a session; nothing secret. */
export const SessionData = z.object({
  sessionId: z.string(),
  epoch: z.number().int(),
  status: z.string(),
  phoneNumber: z.string().nullable(),
  updatedAt: z.iso.datetime(),
});
export type SessionData = z.infer<typeof SessionData>;

export interface SessionDataOptions {
  store: ObjectStore;
  sessionId: string;
  /** Asked immediately before each write: a later owner's file stays. */
  mayWrite: () => boolean;
  /** How long changes gather. */
  afterMs?: number;
}

const AFTER_MS = 15_000;

export const sessionDataKey = (sessionId: string) => `sessions/${sessionId}/session-data.json`;

/**
 * Keeps `session-data.json` current, some seconds late, so that a flapping connection costs little. Nothing
 * depends on it: a failed write is repeated with the next change.
 */
export class SessionDataFile {
  readonly #options: SessionDataOptions;
  readonly #stopped = new AbortController();
  #latest: SessionData | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionDataOptions) {
    this.#options = options;
  }

  note({ epoch, status, phoneNumber }: Pick<SessionData, 'epoch' | 'status' | 'phoneNumber'>): void {
    if (this.#stopped.signal.aborted) return;
    const { sessionId, afterMs = AFTER_MS } = this.#options;
    this.#latest = { sessionId, epoch, status, phoneNumber, updatedAt: new Date().toISOString() };
    this.#timer ??= setTimeout(() => void this.flush(), afterMs).unref();
  }

  /** Resolves when what was noted is written, or could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    const data = this.#latest;
    if (data === undefined || this.#stopped.signal.aborted) return;
    this.#latest = undefined;
    this.#writing = this.#write(data).finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    await this.#writing;
  }

  async #write(data: SessionData): Promise<void> {
    const { store, sessionId, mayWrite } = this.#options;
    if (!mayWrite()) return;
    const body = Buffer.from(`${JSON.stringify(data, null, 2)}\n`);
    const { signal } = this.#stopped;
    await store
      .put(sessionDataKey(sessionId), body, { contentType: 'application/json', signal })
      .catch(() => undefined);
  }
}
