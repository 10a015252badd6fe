import type { proto } from '@whiskeysockets/baileys';
import { CONTENT_KINDS, type ContentKey, kindOf } from './content-kinds.ts';

/** A message without what is around it. */
export interface Unwrapped {
  /** The field that says what it is; `undefined` for what this release does not know at all. */
  key: ContentKey | undefined;
  message: proto.IMessage;
  /** What was around it, from the outside in. */
  wrappers: readonly ContentKey[];
  /** The first there is: its sender's devices, its secret, what it belongs to. */
  context: proto.IMessageContextInfo | undefined;
}

/** WhatsApp's own clients nest two or three; a message that is nested deeper is told of by its last wrapper. */
const MOST_WRAPPERS = 8;

export function unwrapMessage(given: proto.IMessage): Unwrapped {
  const wrappers: ContentKey[] = [];
  let message = given;
  let context: proto.IMessageContextInfo | undefined;
  for (;;) {
    context ??= message.messageContextInfo ?? undefined;
    const key = kindOf(message);
    const inner = key !== undefined && CONTENT_KINDS[key] === 'wrapper' ? innerOf(message, key) : undefined;
    if (key === undefined || inner === undefined || wrappers.length >= MOST_WRAPPERS)
      return { key, message, wrappers, context };
    wrappers.push(key);
    message = inner;
  }
}

function innerOf(message: proto.IMessage, key: ContentKey): proto.IMessage | undefined {
  const wrapper = message[key] as proto.Message.IFutureProofMessage | null | undefined;
  return wrapper?.message ?? undefined;
}
