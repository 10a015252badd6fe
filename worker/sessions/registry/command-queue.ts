import { AppError } from '../../../shared/errors/app-error.ts';

const MAX_WAITING = 32;

/** Runs a session's commands one after another. */
export class CommandQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws AppError RATE_LIMITED where too many wait already */
  run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING)
      throw new AppError('RATE_LIMITED', 'Too many commands wait for this session. Try again in a moment.');
    this.#waiting += 1;
    const outcome = this.#tail.then(command).finally(() => {
      this.#waiting -= 1;
    });
    this.#tail = outcome.catch(() => undefined);
    return outcome;
  }
}
