import { createHash } from 'node:crypto';
import { proto, type WAMessage } from '@whiskeysockets/baileys';
import type { ReportedData, ReportedEvent } from '../../../shared/events/worker-report.ts';
import { receivedMediaId } from '../../../shared/messages/media/media-id.ts';
import type { ContentType, MessageContent } from '../../../shared/messages/model/message-content.ts';
import { textOf } from './content/from-network.ts';
import { type Unwrapped, unwrapMessage } from './content/unwrap-message.ts';
import { type KnownSecret, openSealed } from './open-sealed.ts';
import { NOBODY } from './people.ts';
import {
  type About,
  type AboutReading,
  type Account,
  isPlaced,
  type Placed,
  readAbout,
} from './read-about.ts';
import { type ChangeReading, type Comment, type MessageChange, readChange } from './read-change.ts';
import { type ContentReading, fileTypeOf, readUnwrapped } from './read-content.ts';
import { readPerson } from './read-jid.ts';

export type { Account };

/** Why a message cannot be read here: it is for phones only, its sender is asked for it again, or it is beyond that. */
export type Unreadable = ReportedData<'message_undecryptable'>['reason'];

/** A message, by others or from another device of the account. */
export type IncomingMessage = Extract<ReportedEvent, { event: 'message_received' | 'message_sent' }>;
/** What is said about an earlier message, and changes how it is shown. */
export type IncomingChange = Extract<
  ReportedEvent,
  { event: 'message_reaction' | 'message_edited' | 'message_revoked' | 'poll_vote' | 'event_response' }
>;
export type IncomingEvent =
  | IncomingMessage
  | IncomingChange
  | Extract<ReportedEvent, { event: 'message_undecryptable' }>;

export const isMessage = (event: IncomingEvent): event is IncomingMessage =>
  event.event === 'message_received' || event.event === 'message_sent';

/** Content that goes beyond what a message says about another: what may be fetched, and opened later. */
export interface ReadMessage {
  event: IncomingEvent;
  /** The same each time that WhatsApp delivers the message, whatever has been learned of its people since. */
  fact: string;
  /** With which what is said about it later is opened. */
  secret?: (KnownSecret & { isPoll: boolean }) | undefined;
}

export interface MessageReading extends AboutReading {
  secretOf: (messageId: string) => KnownSecret | undefined;
}

/** `undefined` for protocol traffic: what devices tell one another, and nobody. */
export function readMessage(message: WAMessage, reading: MessageReading): ReadMessage | undefined {
  if (!message.message || !isPlaced(message)) return undefined;
  const fact = factOf(message);
  const unwrapped = unwrapMessage(message.message);
  const about = readAbout(message, reading);
  const content: ContentReading = {
    mediaId: (type) => mediaIdOf(fact, type),
    people: reading.people,
    chatJid: message.key.remoteJid,
  };
  const changed = readChange(unwrapped, changeReading(message, about, content, reading));
  if (changed !== undefined && 'change' in changed) return { event: eventOf(changed, about), fact };
  const read = changed === undefined ? readUnwrapped(unwrapped, content) : readComment(changed, content);
  if (read === undefined) return undefined;
  return { event: messageEvent(about, read), fact, secret: secretIn(unwrapped, namesOf(about), read) };
}

function messageEvent(about: About, read: MessageContent): IncomingMessage {
  const { id, chatId, from, to, isGroup, chat, timestamp } = about;
  if (!about.fromMe) return { event: 'message_received', data: { ...about, fromMe: false, ...read } };
  const own = { id, messageId: id, source: 'phone', chatId, from, to, isGroup, chat, timestamp } as const;
  return { event: 'message_sent', data: { ...own, ...read, status: 'sent' } };
}

const namesOf = ({ sender, from }: About) => [sender.lid, from].filter((name) => name !== null);

/** A message that exists and that this device cannot read. */
export function readUnreadable(
  message: WAMessage,
  reason: Unreadable,
  reading: AboutReading,
): ReadMessage | undefined {
  if (!isPlaced(message)) return undefined;
  const about = readAbout(message, reading);
  const event: IncomingEvent = {
    event: 'message_undecryptable',
    data: { ...about, messageId: about.id, reason },
  };
  return { event, fact: `${factOf(message)}|${reason}` };
}

export const factOf = ({ key }: WAMessage): string => `${key.remoteJid}|${key.participant ?? ''}|${key.id}`;

function changeReading(
  message: Placed,
  about: About,
  content: ContentReading,
  { secretOf, people, me }: MessageReading,
): ChangeReading {
  const author = about.fromMe
    ? readPerson(me?.id, me?.lid)
    : people.complete(readPerson(message.key.participant || message.key.remoteJid, about.from, about.lid));
  return {
    secretOf,
    readEdited: (edited) => readUnwrapped(unwrapMessage(edited), content),
    open: (sealed, originalId, { secret, senders }) =>
      openSealed(sealed, {
        secret,
        originalId,
        originalSenders: senders,
        modifiers: [author.lid, author.pn].filter((name) => name !== undefined),
      }),
  };
}

function eventOf(change: MessageChange, about: About): IncomingChange {
  const { messageId } = change;
  const data = { ...about, messageId };
  switch (change.change) {
    case 'reaction':
      return { event: 'message_reaction', data: { ...data, emoji: change.emoji, ...unreadableIn(change) } };
    case 'edited': {
      const { content, edited } = change;
      const fields = { content, ...(edited ? { edited } : {}), ...unreadableIn(change) };
      return { event: 'message_edited', data: { ...data, ...fields } };
    }
    case 'revoked':
      return { event: 'message_revoked', data };
    case 'vote':
      return { event: 'poll_vote', data: { ...data, options: change.options } };
    case 'answer':
      return { event: 'event_response', data: { ...data, response: change.response, guests: change.guests } };
  }
}

const unreadableIn = ({ unreadable }: { unreadable?: true }) => (unreadable ? { unreadable } : {});

/** A comment is a message; where it cannot be opened it is told of all the same. */
function readComment({ commentOn, message }: Comment, content: ContentReading): MessageContent {
  const read = message === undefined ? undefined : readUnwrapped(unwrapMessage(message), content);
  return { ...(read ?? { type: 'text', content: null }), commentOn };
}

/** The same of a message of the account's own. */
export function secretOfSent(message: proto.IMessage, me: Account | undefined): ReadMessage['secret'] {
  const { lid, pn } = readPerson(me?.id, me?.lid);
  const senders = [lid, pn].filter((name) => name !== undefined);
  const unwrapped = unwrapMessage(message);
  const read = readUnwrapped(unwrapped, { mediaId: () => '', people: NOBODY, chatJid: '' });
  return read && secretIn(unwrapped, senders, read);
}

function secretIn(
  { context, message }: Unwrapped,
  senders: readonly string[],
  read: MessageContent,
): ReadMessage['secret'] {
  const secret = context?.messageSecret;
  if (secret?.length !== SECRET_BYTES) return undefined;
  const options = read.type === 'poll' ? read.poll.options : undefined;
  const isPoll = options !== undefined || message.eventMessage !== undefined;
  return { secret, senders: [...new Set(senders)], options, isPoll };
}

const SECRET_BYTES = 32;

/** Ours, since senders choose message ids freely and this one becomes part of a storage key. */
function mediaIdOf(fact: string, type: ContentType): string {
  const digest = createHash('sha256').update(fact).digest('hex').slice(0, 32);
  return receivedMediaId(fileTypeOf(type), digest);
}

/** What the own phone hands on of a message that this device was not given. */
export function messagesHandedOn(content: proto.IMessage): proto.WebMessageInfo[] {
  const response = content.protocolMessage?.peerDataOperationRequestResponseMessage;
  return (response?.peerDataOperationResult ?? []).flatMap(({ placeholderMessageResendResponse: resent }) => {
    const bytes = resent?.webMessageInfoBytes;
    if (!bytes?.length) return [];
    try {
      const message = proto.WebMessageInfo.decode(bytes);
      return textOf(message.key?.id, 'id') === undefined ? [] : [message];
    } catch {
      return [];
    }
  });
}
