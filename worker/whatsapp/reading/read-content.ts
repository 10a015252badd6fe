import type { proto } from '@whiskeysockets/baileys';
import type { ContentType, MessageContent } from '../../../shared/messages/model/message-content.ts';
import { CONTENT_KINDS, type ContentKey } from './content/content-kinds.ts';
import { readContext } from './content/read-context.ts';
import type { Reading } from './content/reading.ts';
import { type Unwrapped, unwrapMessage } from './content/unwrap-message.ts';
import { NOBODY, type People } from './people.ts';
import { isProtocolType, type PlainChange, readPlainChange } from './read-change.ts';

export interface ContentReading extends Reading {
  people: People;
  /** The chat of the message itself, as WhatsApp names it. */
  chatJid: string;
}

/** Where nobody asks for the file, and nobody else is named. */
const ALONE: ContentReading = { mediaId: () => '', people: NOBODY, chatJid: '' };

/** The name of what no reader and no list knows: WhatsApp has added it since. */
const UNKNOWN = 'unknown';

/**
 * What a message says, whatever it is; `undefined` for protocol traffic, and for what is said about another message.
 * Content that has no form here is told of by WhatsApp's own name for it.
 */
export function readContent(
  message: proto.IMessage,
  reading: ContentReading = ALONE,
): MessageContent | undefined {
  return readUnwrapped(unwrapMessage(message), reading);
}

/** What a message of ours says about another one. */
export const changeIn = (message: proto.IMessage): PlainChange | undefined =>
  readPlainChange(unwrapMessage(message), (edited) => readContent(edited));

export function readUnwrapped(unwrapped: Unwrapped, reading: ContentReading): MessageContent | undefined {
  const body = readBody(unwrapped, reading);
  if (body === undefined) return undefined;
  const context = readContext(unwrapped, {
    people: reading.people,
    chatJid: reading.chatJid,
    readQuoted: (quoted) => readBody(unwrapMessage(quoted), ALONE),
  });
  return { ...context, ...body };
}

function readBody({ key, message }: Unwrapped, reading: Reading): MessageContent | undefined {
  if (key === undefined || key === 'messageContextInfo') return unsupported(UNKNOWN);
  const kind = CONTENT_KINDS[key];
  if (kind === 'protocol' || (kind === 'about' && !isBroken(key, message))) return undefined;
  if (kind === 'about' || kind === 'wrapper' || kind === 'unsupported') return unsupported(key);
  return readWith(key, kind as AnyReader, message, reading) ?? unsupported(key);
}

/** Whether it should say something of another message and does not say of which, or is of a kind not known here. */
const isBroken = (key: ContentKey, { protocolMessage }: proto.IMessage): boolean =>
  key === 'protocolMessage' ? !isProtocolType(protocolMessage?.type) : true;

type AnyReader = (body: unknown, reading: Reading) => MessageContent | undefined;

/** What its sender has put together wrongly is told of by its name; it must not stop what comes after it. */
function readWith(
  key: ContentKey,
  read: AnyReader,
  message: proto.IMessage,
  reading: Reading,
): MessageContent | undefined {
  try {
    return read(message[key], reading);
  } catch {
    return undefined;
  }
}

const unsupported = (kind: string): MessageContent => ({
  type: 'unsupported',
  content: null,
  unsupported: { kind },
});

/** The letter of its storage key follows from what the file is, not from the message around it. */
export const fileTypeOf = (type: ContentType): string =>
  type === 'template' || type === 'buttons' || type === 'interactive' ? 'document' : type;
