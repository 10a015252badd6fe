import { AppError } from '../../../shared/errors/app-error.ts';

const MAX_WORK = 500;

/** Keeps order within a chat without making chats wait for each other. */
export class ChatLanes {
  readonly #tails = new Map<string, Promise<unknown>>();
  #size = 0;

  /** @throws AppError RATE_LIMITED where too much waits already */
  run<T>(chat: string, work: () => Promise<T>): Promise<T> {
    if (this.#size >= MAX_WORK)
      throw new AppError('RATE_LIMITED', 'Too many messages wait on this session. Try again in a moment.');
    this.#size += 1;
    const outcome = (this.#tails.get(chat) ?? Promise.resolve()).then(work);
    const tail = outcome
      .catch(() => undefined)
      .finally(() => {
        this.#size -= 1;
        if (this.#tails.get(chat) === tail) this.#tails.delete(chat);
      });
    this.#tails.set(chat, tail);
    return outcome;
  }
}
