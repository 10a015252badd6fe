import type { Journal } from '../../storage/journal/journal.ts';
import type { KnownSecret } from '../reading/open-sealed.ts';
import { BoundedSpace } from './bounded-space.ts';

const DAY_MS = 86_400_000;
/** Phones edit for 15 minutes; reactions and comments of announcement groups come for days. */
const MESSAGES = { most: 2_000, mostBytes: 384 * 1024, mostAgeMs: 7 * DAY_MS };
/** Votes and answers come as long as anybody remembers the question. */
const POLLS = { most: 1_000, mostBytes: 512 * 1024, mostAgeMs: 365 * DAY_MS };
const SECRET_BYTES = 32;

/**
 * The secrets of messages, with which what is said about them later is sealed. Each is written along with the report
 * of its message, and costs no write of its own.
 */
export class SecretBook {
  readonly #messages: BoundedSpace;
  readonly #polls: BoundedSpace;

  constructor(journal: Journal) {
    this.#messages = new BoundedSpace(journal, 'secret', MESSAGES);
    this.#polls = new BoundedSpace(journal, 'poll-secret', POLLS);
  }

  find(messageId: string): KnownSecret | undefined {
    const bytes = this.#polls.get(messageId) ?? this.#messages.get(messageId);
    return bytes === undefined ? undefined : decode(bytes);
  }

  /** @param isPoll whether others answer it, as they do polls and events */
  remember(messageId: string, { secret, senders, options, isPoll }: KnownSecret & { isPoll: boolean }): void {
    const space = isPoll ? this.#polls : this.#messages;
    const known = this.find(messageId);
    // Senders choose ids freely: nobody takes the place of somebody else's message.
    if (known !== undefined) return;
    const about = Buffer.from(JSON.stringify({ senders, ...(options ? { options } : {}) }));
    space.set(messageId, Buffer.concat([secret, about]), 'idle');
  }

  clear(): void {
    this.#messages.clear();
    this.#polls.clear();
  }
}

function decode(bytes: Buffer): KnownSecret {
  const about: { senders: string[]; options?: string[] } = JSON.parse(
    bytes.subarray(SECRET_BYTES).toString(),
  );
  return { secret: bytes.subarray(0, SECRET_BYTES), ...about };
}
