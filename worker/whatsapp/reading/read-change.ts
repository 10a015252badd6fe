import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '../../../shared/messages/model/message-content.ts';
import { firstOf, textOf, wholeOf } from './content/from-network.ts';
import type { Unwrapped } from './content/unwrap-message.ts';
import type { KnownSecret, Sealed } from './open-sealed.ts';

/** What a message says about another one, named by its id; `null` where it is sealed and its secret is not known. */
export type MessageChange = { messageId: string } & (
  | { change: 'reaction'; emoji: string | null; unreadable?: true }
  | { change: 'edited'; content: string | null; edited?: MessageContent | undefined; unreadable?: true }
  | { change: 'revoked' }
  | { change: 'vote'; options: string[] | null }
  | { change: 'answer'; response: EventAnswer | null; guests: number }
);
export type EventAnswer = 'going' | 'not_going' | 'maybe';

/** A comment is a message of its own. */
export interface Comment {
  commentOn: string;
  message: proto.IMessage | undefined;
}

export interface ChangeReading {
  secretOf: (messageId: string) => KnownSecret | undefined;
  open: (sealed: Sealed, messageId: string, known: KnownSecret) => Uint8Array | undefined;
  readEdited: (message: proto.IMessage) => MessageContent | undefined;
}

const { Type: ProtocolType } = proto.Message.ProtocolMessage;
const { REVOKE, MESSAGE_EDIT } = ProtocolType;

/** What devices, bots and the server tell one another: keys, settings, requests and their answers. */
const PROTOCOL_TYPES: ReadonlySet<unknown> = new Set([
  ProtocolType.EPHEMERAL_SETTING,
  ProtocolType.EPHEMERAL_SYNC_RESPONSE,
  ProtocolType.HISTORY_SYNC_NOTIFICATION,
  ProtocolType.APP_STATE_SYNC_KEY_SHARE,
  ProtocolType.APP_STATE_SYNC_KEY_REQUEST,
  ProtocolType.MSG_FANOUT_BACKFILL_REQUEST,
  ProtocolType.INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC,
  ProtocolType.APP_STATE_FATAL_EXCEPTION_NOTIFICATION,
  ProtocolType.SHARE_PHONE_NUMBER,
  ProtocolType.PEER_DATA_OPERATION_REQUEST_MESSAGE,
  ProtocolType.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
  ProtocolType.REQUEST_WELCOME_MESSAGE,
  ProtocolType.BOT_FEEDBACK_MESSAGE,
  ProtocolType.MEDIA_NOTIFY_MESSAGE,
  ProtocolType.CLOUD_API_THREAD_CONTROL_NOTIFICATION,
  ProtocolType.LID_MIGRATION_MAPPING_SYNC,
  ProtocolType.REMINDER_MESSAGE,
  ProtocolType.BOT_MEMU_ONBOARDING_MESSAGE,
  ProtocolType.STATUS_MENTION_MESSAGE,
  ProtocolType.STOP_GENERATION_MESSAGE,
  ProtocolType.LIMIT_SHARING,
  ProtocolType.AI_PSI_METADATA,
  ProtocolType.AI_QUERY_FANOUT,
  ProtocolType.GROUP_MEMBER_LABEL_CHANGE,
]);

/** Whether people are told nothing of it. A type of 0 is not told from none. */
export const isProtocolType = (type: unknown): boolean =>
  type === undefined || type === null || type === REVOKE || PROTOCOL_TYPES.has(type);

const MOST_OPTIONS = 64;

/** What a message of ours says about another one, which no secret is needed for. */
export type PlainChange = Extract<MessageChange, { change: 'reaction' | 'edited' | 'revoked' }>;

export function readPlainChange(
  unwrapped: Unwrapped,
  readEdited: ChangeReading['readEdited'],
): PlainChange | undefined {
  const change = readChange(unwrapped, { readEdited, secretOf: () => undefined, open: () => undefined });
  return change !== undefined && 'change' in change && isPlain(change) ? change : undefined;
}

const isPlain = (change: MessageChange): change is PlainChange =>
  change.change !== 'vote' && change.change !== 'answer';

/** `undefined` for messages of their own, and for protocol traffic. */
export function readChange(
  unwrapped: Unwrapped,
  reading: ChangeReading,
): MessageChange | Comment | undefined {
  const { key, message } = unwrapped;
  switch (key) {
    case 'protocolMessage':
      return message.protocolMessage ? readProtocol(message.protocolMessage, reading) : undefined;
    case 'reactionMessage': {
      const messageId = idOf(message.reactionMessage?.key);
      return messageId === undefined
        ? undefined
        : { change: 'reaction', messageId, emoji: textOf(message.reactionMessage?.text, 'line') ?? null };
    }
    case 'commentMessage': {
      const commentOn = idOf(message.commentMessage?.targetMessageKey);
      return commentOn === undefined
        ? undefined
        : { commentOn, message: message.commentMessage?.message ?? undefined };
    }
    default:
      return readSealed(message, reading);
  }
}

const idOf = (key: proto.IMessageKey | null | undefined) => textOf(key?.id, 'id');

/** A type of 0 is not told from none. */
function readProtocol(
  protocol: proto.Message.IProtocolMessage,
  { readEdited }: ChangeReading,
): MessageChange | undefined {
  const messageId = idOf(protocol.key);
  if (messageId === undefined) return undefined;
  if (protocol.type === MESSAGE_EDIT) {
    const edited = protocol.editedMessage ? readEdited(protocol.editedMessage) : undefined;
    return { change: 'edited', messageId, content: edited?.content ?? null, edited };
  }
  return (protocol.type ?? REVOKE) === REVOKE ? { change: 'revoked', messageId } : undefined;
}

function readSealed(message: proto.IMessage, reading: ChangeReading): MessageChange | Comment | undefined {
  const {
    secretEncryptedMessage: changed,
    pollUpdateMessage: vote,
    encEventResponseMessage: answer,
    encReactionMessage: reaction,
    encCommentMessage: comment,
  } = message;
  if (changed) return readSealedEdit(changed, reading);
  if (vote) return readVote(vote, reading);
  if (answer) return readAnswer(answer, reading);
  if (reaction) {
    const opened = openWith(reading, reaction.targetMessageKey, {
      use: 'Enc Reaction',
      ...bytesOf(reaction),
    });
    if (opened === undefined) return undefined;
    const read = opened.bytes && decode(proto.Message.ReactionMessage.decode, opened.bytes);
    const emoji = textOf(read?.text, 'line') ?? null;
    return { change: 'reaction', messageId: opened.messageId, emoji, ...(read ? {} : { unreadable: true }) };
  }
  if (!comment) return undefined;
  const opened = openWith(reading, comment.targetMessageKey, { use: 'Enc Comment', ...bytesOf(comment) });
  if (opened === undefined) return undefined;
  return { commentOn: opened.messageId, message: opened.bytes && decode(proto.Message.decode, opened.bytes) };
}

/** Newer clients number kinds of changes that this release's protocol does not name. */
const POLL_CHANGES: readonly unknown[] = [4, 5];

function readSealedEdit(
  changed: proto.Message.ISecretEncryptedMessage,
  reading: ChangeReading,
): MessageChange | undefined {
  const { SecretEncType } = proto.Message.SecretEncryptedMessage;
  const use =
    changed.secretEncType === SecretEncType.EVENT_EDIT
      ? 'Event Edit'
      : POLL_CHANGES.includes(changed.secretEncType)
        ? 'Poll Edit'
        : 'Message Edit';
  const opened = openWith(reading, changed.targetMessageKey, { use, ...bytesOf(changed) });
  if (opened === undefined) return undefined;
  const plain = opened.bytes && decode(proto.Message.decode, opened.bytes);
  // The new content, or the edit as it was sent before it was sealed.
  const inner = plain?.editedMessage?.message ?? plain;
  const content = inner?.protocolMessage?.editedMessage ?? inner;
  const edited = content ? reading.readEdited(content) : undefined;
  const unreadable = plain === undefined ? { unreadable: true as const } : {};
  const { messageId } = opened;
  return { change: 'edited', messageId, content: edited?.content ?? null, edited, ...unreadable };
}

function readVote(vote: proto.Message.IPollUpdateMessage, reading: ChangeReading): MessageChange | undefined {
  const opened = openWith(reading, vote.pollCreationMessageKey, { use: 'Poll Vote', ...bytesOf(vote.vote) });
  if (opened === undefined) return undefined;
  const { messageId, bytes, options } = opened;
  const read = bytes && decode(proto.Message.PollVoteMessage.decode, bytes);
  if (read === undefined) return { change: 'vote', messageId, options: null };
  const byHash = new Map(options.map((option) => [hashOf(option), option]));
  const chosen = firstOf(read.selectedOptions, MOST_OPTIONS).map((hash) => Buffer.from(hash).toString('hex'));
  // An option that was added since has no text here; its hash still tells votes apart.
  return { change: 'vote', messageId, options: chosen.map((hash) => byHash.get(hash) ?? `#${hash}`) };
}

const hashOf = (option: string) => createHash('sha256').update(option).digest('hex');

function readAnswer(
  answer: proto.Message.IEncEventResponseMessage,
  reading: ChangeReading,
): MessageChange | undefined {
  const sealed = { use: 'Event Response' as const, ...bytesOf(answer) };
  const opened = openWith(reading, answer.eventCreationMessageKey, sealed);
  if (opened === undefined) return undefined;
  const { messageId, bytes } = opened;
  const read = bytes && decode(proto.Message.EventResponseMessage.decode, bytes);
  const { GOING, NOT_GOING, MAYBE } = proto.Message.EventResponseMessage.EventResponseType;
  const words = new Map<unknown, EventAnswer>([
    [GOING, 'going'],
    [NOT_GOING, 'not_going'],
    [MAYBE, 'maybe'],
  ]);
  const response = words.get(read?.response) ?? null;
  return { change: 'answer', messageId, response, guests: wholeOf(read?.extraGuestCount) ?? 0 };
}

interface SealedBytes {
  encPayload?: Uint8Array | null;
  encIv?: Uint8Array | null;
}

const NOTHING = new Uint8Array();
const bytesOf = (sealed: SealedBytes | null | undefined) => ({
  payload: sealed?.encPayload ?? NOTHING,
  iv: sealed?.encIv ?? NOTHING,
});

/** `undefined` where it does not say what it is about; without bytes where it cannot be opened. */
function openWith(
  { secretOf, open }: ChangeReading,
  key: proto.IMessageKey | null | undefined,
  sealed: Sealed,
): { messageId: string; bytes: Uint8Array | undefined; options: readonly string[] } | undefined {
  const messageId = idOf(key);
  if (messageId === undefined) return undefined;
  const known = secretOf(messageId);
  const bytes = known && open(sealed, messageId, known);
  return { messageId, bytes, options: known?.options ?? [] };
}

function decode<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes);
  } catch {
    return undefined;
  }
}
