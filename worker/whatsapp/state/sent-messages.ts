import { proto } from '@whiskeysockets/baileys';
import type { Journal } from '../../storage/journal/journal.ts';
import { BoundedSpace } from './bounded-space.ts';

/** The journal's space of messages that WhatsApp has not acknowledged yet. */
export const OUTGOING = 'outgoing';

const DAY_MS = 86_400_000;
/** A device that was offline asks for messages again when it is back; WhatsApp gives up after about two weeks. */
/** The chats of more messages than that, since they are small, so that late receipts can be told from forged ones. */
const CHAT_BOUNDS = { most: 5_000, mostBytes: 256 * 1024, mostAgeMs: 14 * DAY_MS };
const BOUNDS = { most: 1_000, mostBytes: 768 * 1024, mostAgeMs: 14 * DAY_MS };

/** Outgoing messages, kept for retry receipts ("waiting for this message"), also over a restart or a move. */
export class SentMessages {
  readonly #space: BoundedSpace;
  readonly #chats: BoundedSpace;

  constructor(journal: Journal) {
    // The content of a message that is still on its way is not forgotten before that is settled.
    this.#space = new BoundedSpace(journal, 'sent', BOUNDS, (id) => journal.state.has(OUTGOING, id));
    this.#chats = new BoundedSpace(journal, 'sent-to', CHAT_BOUNDS);
  }

  /** By id alone: the asking device may name the chat by phone number or by LID. */
  get(id: string): proto.IMessage | undefined {
    const bytes = this.#space.get(id);
    return bytes === undefined ? undefined : proto.Message.decode(bytes);
  }

  /** When it left, the last time it did. */
  at(id: string): Date | undefined {
    return this.#space.since(id);
  }

  /** Whom it was for; of one sent before that was kept, only that it was sent. `undefined` for others' ids. */
  chatOf(id: string): { jid: string | undefined } | undefined {
    const chat = this.#chats.get(id);
    if (chat !== undefined) return { jid: chat.toString() };
    return this.#space.since(id) === undefined ? undefined : { jid: undefined };
  }

  /** @param to the JID of its chat */
  remember(id: string, to: string, message: proto.IMessage): void {
    this.#chats.set(id, Buffer.from(to), 'binding');
    const bytes = proto.Message.encode(proto.Message.fromObject(message)).finish();
    this.#space.set(id, bytes, 'binding');
  }

  forget(id: string): void {
    this.#space.delete(id);
    this.#chats.delete(id);
  }

  clear(): void {
    this.#space.clear();
    this.#chats.clear();
  }
}
