import type { Logger } from 'pino';
import type { Assignment } from '../../shared/workers/schema.ts';
import type { RecoveryResult, SessionRegistry } from '../sessions/ports.ts';

type Done = (results: RecoveryResult[]) => void;

/**
 * Hands assignments to the registry, one answer at a time. While one is being worked on, only the newest
 * waits: each answer says the whole truth, so those in between have nothing to add.
 */
export class ConvergeQueue {
  readonly #registry: Pick<SessionRegistry, 'converge'>;
  readonly #logger: Logger;
  #waiting: { assignments: readonly Assignment[]; done: Done } | undefined;
  #running: symbol | undefined;

  constructor(registry: Pick<SessionRegistry, 'converge'>, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
  }

  offer(assignments: readonly Assignment[], done: Done = () => {}): void {
    this.#waiting = { assignments, done };
    if (this.#running === undefined) void this.#work();
  }

  /**
   * Forgets what waits, and waits no longer for what is being worked on: both were meant for a lease that is over.
   * Each step of it looks at the lease itself.
   */
  clear(): void {
    this.#waiting = undefined;
    this.#running = undefined;
  }

  async #work(): Promise<void> {
    const run = Symbol('run');
    this.#running = run;
    while (this.#running === run && this.#waiting !== undefined) {
      const { assignments, done } = this.#waiting;
      this.#waiting = undefined;
      try {
        done(await this.#registry.converge(assignments));
      } catch (thrown) {
        // The next heartbeat's answer says it all again.
        this.#logger.error({ err: thrown }, 'assignments could not be made true');
      }
    }
    if (this.#running === run) this.#running = undefined;
  }
}
