import { createHash } from 'node:crypto';
import { areJidsSameUser, normalizeMessageContent, type WAMessage } from '@whiskeysockets/baileys';
import type { ReportedData, ReportedEvent } from '../../../shared/events/worker-report.ts';
import { receivedMediaId } from '../../../shared/messages/media/media-id.ts';
import { type MessageChange, readChange } from './read-change.ts';
import { readContent } from './read-content.ts';
import { isPersonJid, type Person, phoneNumberOf, readPerson, withoutDevice } from './read-jid.ts';

/** Who wrote where and when. */
type About = Omit<ReportedData<'message_revoked'>, 'messageId'>;

/** A message, by others or from another device of the account. */
export type IncomingMessage = Extract<ReportedEvent, { event: 'message_received' | 'message_sent' }>;
/** What a message says about an earlier one. */
export type IncomingChange = Extract<
  ReportedEvent,
  { event: 'message_reaction' | 'message_edited' | 'message_revoked' }
>;
export type IncomingEvent = IncomingMessage | IncomingChange;

export const isMessage = (event: IncomingEvent): event is IncomingMessage =>
  event.event === 'message_received' || event.event === 'message_sent';

export interface Account {
  id: string;
  lid: string | undefined;
}

/** `undefined` for what is no message to a person: protocol traffic, receipts of keys, history. */
export function readMessage(
  message: WAMessage,
  me: Account | undefined,
  offline: boolean,
): IncomingEvent | undefined {
  const content = normalizeMessageContent(message.message);
  const { id, remoteJid } = message.key;
  if (!content || !id || !remoteJid || remoteJid === 'status@broadcast') return undefined;
  const about = readAbout(message, id, remoteJid, me, offline);
  const change = readChange(content);
  if (change !== undefined) return eventOf(change, about);
  // Protocol traffic may come with content of its own.
  if (content.protocolMessage) return undefined;
  const read = readContent(content);
  if (read === undefined) return undefined;
  const { media, ...rest } = read;
  const mediaId = mediaIdOf(about.chatId, id, rest.type);
  const said = { ...rest, ...(media === undefined ? {} : { media: { mediaId, ...media } }) };
  if (!about.fromMe) return { event: 'message_received', data: { ...about, fromMe: false, ...said } };
  const { chatId, from, to, isGroup, timestamp } = about;
  const own = { id, messageId: id, source: 'phone', chatId, from, to, isGroup, timestamp } as const;
  return { event: 'message_sent', data: { ...own, ...said, status: 'sent' } };
}

function eventOf(change: MessageChange, about: About): IncomingChange {
  const { messageId } = change;
  switch (change.change) {
    case 'reaction':
      return { event: 'message_reaction', data: { ...about, messageId, emoji: change.emoji } };
    case 'edited':
      return { event: 'message_edited', data: { ...about, messageId, content: change.content } };
    case 'revoked':
      return { event: 'message_revoked', data: { ...about, messageId } };
  }
}

function readAbout(
  message: WAMessage,
  id: string,
  remoteJid: string,
  me: Account | undefined,
  offline: boolean,
): About {
  const { key } = message;
  const fromMe = key.fromMe === true;
  const isGroup = !isPersonJid(remoteJid);
  const own = readPerson(me?.id, me?.lid);
  // For messages of our own from another device, the alternative name is our own, not the other side's.
  const alternative = isMe(key.remoteJidAlt, me) ? undefined : key.remoteJidAlt;
  const other = isGroup ? undefined : readPerson(remoteJid, alternative);
  const author = fromMe ? own : (other ?? readPerson(key.participant, key.participantAlt));
  const chatId = other === undefined ? remoteJid : nameOfChat(other, remoteJid);
  const toPerson = isGroup ? undefined : fromMe ? other : own;
  return {
    id,
    chatId,
    from: nameOfPerson(author) ?? withoutDevice(key.participant || remoteJid),
    to: (toPerson && nameOfPerson(toPerson)) ?? withoutDevice(remoteJid),
    fromMe,
    isGroup,
    phoneNumber: phoneNumberOf(author.pn) ?? null,
    lid: author.lid ?? null,
    pushName: message.pushName || null,
    timestamp: readTimestamp(message.messageTimestamp),
    offline,
  };
}

const nameOfPerson = ({ pn, lid }: Person): string | undefined => pn ?? lid;
/** The LID, since it can always be asked for, while a number may stay hidden. */
const nameOfChat = ({ pn, lid }: Person, jid: string): string => lid ?? pn ?? withoutDevice(jid);

function isMe(jid: string | null | undefined, me: Account | undefined): boolean {
  return Boolean(jid) && (areJidsSameUser(jid ?? '', me?.id) || areJidsSameUser(jid ?? '', me?.lid));
}

function readTimestamp(value: WAMessage['messageTimestamp']): string {
  const seconds = Number(value ?? 0);
  return new Date(seconds > 0 && seconds < 1e11 ? seconds * 1000 : Date.now()).toISOString();
}

/** Ours, since senders choose message ids freely and this one becomes part of a storage key. */
function mediaIdOf(chatId: string, messageId: string, type: string): string {
  const digest = createHash('sha256').update(`${chatId}|${messageId}`).digest('hex').slice(0, 32);
  return receivedMediaId(type, digest);
}
