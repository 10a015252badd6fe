import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Ownership } from '../../../shared/workers/api/schema.ts';
import { Session } from '../session.ts';
import { FIRST_EPOCH, refuseOlder, refuseSpent, type Seen, see } from './ownership.ts';
import type { SessionDeps } from './registry-deps.ts';

const MAX_REMEMBERED = 20_000;

/** The sessions that this worker holds, and what was last seen of those it has let go. */
export class HeldSessions {
  readonly maxSessions: number;
  readonly #deps: SessionDeps;
  readonly #log: Logger;
  readonly #sessions = new Map<string, Session>();
  readonly #gone = new LRUCache<string, Seen>({ max: MAX_REMEMBERED });

  constructor(deps: Omit<SessionDeps, 'onSuperseded'>) {
    this.maxSessions = deps.settings.maxSessions;
    this.#log = deps.log;
    this.#deps = { ...deps, onSuperseded: (sessionId) => this.#dropSuperseded(sessionId) };
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  find(sessionId: string): Session | undefined {
    return this.#sessions.get(sessionId);
  }

  /** @throws AppError NOT_FOUND */
  get(sessionId: string): Session {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new AppError('NOT_FOUND', 'This worker holds no session with this id.');
    return session;
  }

  /** What was last seen of a session that was released, logged out or deleted here. */
  gone(sessionId: string): Seen | undefined {
    return this.#gone.get(sessionId);
  }

  /** The wish that it goes, of one that is not here; `undefined`: counts as never seen. */
  noteGone(sessionId: string, seen: Seen | undefined): void {
    if (seen === undefined) this.#gone.delete(sessionId);
    else this.#gone.set(sessionId, seen);
  }

  /**
   * An order for what is not here: no order up to it opens the session any more, however late it comes. Orders
   * without an epoch have no place among others. @throws AppError STALE_OWNER
   */
  heed(sessionId: string, order: Ownership): void {
    if (order.epoch === undefined) return;
    const last = this.#gone.get(sessionId);
    if (last !== undefined) refuseOlder(order, last);
    this.#gone.set(sessionId, see(order, last ?? { epoch: FIRST_EPOCH, rev: 0 }));
  }

  /**
   * The session, new where it is not here. One that comes to be logged out is `passing` and takes no place.
   * @throws AppError WORKER_FULL, STALE_OWNER
   */
  open(
    sessionId: string,
    ownership: Ownership & { authFloor?: number | undefined },
    stay: 'staying' | 'passing' = 'staying',
  ): Session {
    const held = this.#sessions.get(sessionId);
    if (held !== undefined) return held;
    const gone = this.#gone.get(sessionId);
    if (gone !== undefined) refuseSpent(ownership, gone);
    if (stay === 'staying' && this.#sessions.size >= this.maxSessions)
      throw new AppError('WORKER_FULL', `This worker already holds ${this.maxSessions} sessions.`);
    const session = new Session(
      sessionId,
      see(ownership, gone ?? { epoch: FIRST_EPOCH, rev: 0 }),
      this.#deps,
    );
    session.raiseAuthFloor(ownership.authFloor);
    this.#sessions.set(sessionId, session);
    return session;
  }

  /** It has ended: remembered as gone. */
  forget(session: Session): void {
    this.#gone.set(session.id, session.seen);
    if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
  }

  /** Every one at once. What was seen of them is kept: under a new lease they come back with newer epochs. */
  fence(): void {
    for (const session of this.all()) {
      this.forget(session);
      session.fence();
    }
  }

  #dropSuperseded(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    const { epoch } = session.seen;
    this.#log.warn({ sessionId, epoch }, 'another worker owns this session: it is dropped here');
    this.forget(session);
    session.fence();
  }
}
