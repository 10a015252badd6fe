import type { WAMessage } from '@whiskeysockets/baileys';
import type {
  CHAT_KINDS,
  MessageChat,
  MessageSender,
} from '../../../shared/messages/model/message-context.ts';
import { known, textOf } from './content/from-network.ts';
import type { People } from './people.ts';
import { isPersonJid, type Person, phoneNumberOf, readPerson, withoutDevice } from './read-jid.ts';

export interface Account {
  id: string;
  lid: string | undefined;
}

/** Who wrote where and when. */
export interface About {
  id: string;
  /** Stable over time: the group, else the person's LID where WhatsApp tells it, else their number's JID. */
  chatId: string;
  /** Who wrote it: their number's JID where known, else their LID. */
  from: string;
  to: string;
  fromMe: boolean;
  isGroup: boolean;
  /** Of who wrote it; E.164 with `+`. */
  phoneNumber: string | null;
  lid: string | null;
  pushName: string | null;
  sender: MessageSender;
  chat: MessageChat;
  timestamp: string;
  /** Arrived while this session was away. */
  offline: boolean;
}

export interface AboutReading {
  me: Account | undefined;
  people: People;
  offline: boolean;
  /** Of the stanza, where there is one: it says more than Baileys reads. */
  attrs?: Readonly<Record<string, string>> | undefined;
}

/** A message's place, with what Baileys has read of its stanza. */
export type Placed = WAMessage & { key: { id: string; remoteJid: string } };

type ChatKind = (typeof CHAT_KINDS)[number];

function kindOf(remoteJid: string): ChatKind {
  if (remoteJid.endsWith('@g.us')) return 'group';
  if (remoteJid.endsWith('@newsletter')) return 'channel';
  if (remoteJid === 'status@broadcast') return 'status';
  return remoteJid.endsWith('@broadcast') ? 'broadcast' : 'direct';
}

interface Place {
  kind: ChatKind;
  author: Person;
  /** The other person of a chat of two, a broadcast list's sender included. */
  other: Person | undefined;
  fromMe: boolean;
}

function placeOf({ key }: Placed, { me, people }: AboutReading): Place {
  const { remoteJid, remoteJidAlt, participant, participantAlt } = key;
  const kind = kindOf(remoteJid);
  const own = readPerson(me?.id, me?.lid);
  if (kind === 'direct') {
    const fromMe = key.fromMe === true;
    // For messages of our own from another device, the alternative name may be our own, not the other side's.
    const alternative = remoteJidAlt && !people.isMe(readPerson(remoteJidAlt)) ? remoteJidAlt : undefined;
    const other = people.complete(readPerson(remoteJid, alternative));
    return { kind, author: fromMe ? own : other, other, fromMe };
  }
  // Baileys names the other form of a list's sender as if it were the chat's.
  const given = people.complete(
    readPerson(participant, participantAlt, kind === 'group' ? undefined : remoteJidAlt),
  );
  const fromMe = key.fromMe === true || people.isMe(given);
  const author = fromMe ? own : given;
  return { kind, author, other: kind === 'broadcast' && !fromMe ? author : undefined, fromMe };
}

export function readAbout(message: Placed, reading: AboutReading): About {
  const { key } = message;
  const { people, me, offline } = reading;
  const { kind, author, other, fromMe } = placeOf(message, reading);
  const remoteJid = withoutDevice(key.remoteJid);
  const chatId = other === undefined ? remoteJid : (other.lid ?? other.pn ?? remoteJid);
  const receiver = kind === 'direct' && fromMe ? other : undefined;
  const own = readPerson(me?.id, me?.lid);
  const toMe = kind === 'direct' || kind === 'broadcast' ? own : undefined;
  const sender = senderOf(message, author, fromMe, reading);
  return {
    id: key.id,
    chatId,
    from: nameOf(author) ?? withoutDevice(key.participant || key.remoteJid),
    to: nameOf(fromMe ? receiver : toMe) ?? remoteJid,
    fromMe,
    isGroup: kind === 'group',
    phoneNumber: sender.phoneNumber,
    lid: sender.lid,
    pushName: textOf(message.pushName, 'line') ?? null,
    sender,
    chat: known({ id: chatId, kind, name: chatNameOf(kind, remoteJid, other, people) }),
    timestamp: readTimestamp(message.messageTimestamp),
    offline,
  };
}

function senderOf(
  { key, pushName, verifiedBizName }: Placed,
  author: Person,
  fromMe: boolean,
  { people, attrs = {} }: AboutReading,
): MessageSender {
  const names = people.namesOf(author);
  const verified = verifiedBizName || attrs['verified_name'];
  const username = fromMe
    ? undefined
    : key.participantUsername || attrs['sender_username'] || attrs['participant_username'];
  return known({
    phoneNumber: phoneNumberOf(author.pn) ?? null,
    lid: author.lid ?? null,
    name: textOf(pushName || verified || names.pushName || names.name, 'line') ?? null,
    username: textOf(username, 'line'),
    business: !fromMe && (verified || attrs['verified_level']) ? true : undefined,
  });
}

function chatNameOf(
  kind: ChatKind,
  remoteJid: string,
  other: Person | undefined,
  people: People,
): string | undefined {
  if (kind === 'group') return textOf(people.subjectOf(remoteJid), 'line');
  const names = other && people.namesOf(other);
  return textOf(names?.name ?? names?.pushName, 'line');
}

const nameOf = (person: Person | undefined): string | undefined => person?.pn ?? person?.lid;

function readTimestamp(value: WAMessage['messageTimestamp']): string {
  const seconds = Number(value ?? 0);
  return new Date(seconds > 0 && seconds < 1e11 ? seconds * 1000 : Date.now()).toISOString();
}

export const isPlaced = (message: WAMessage): message is Placed =>
  Boolean(message.key.id) && Boolean(message.key.remoteJid) && isChat(message.key.remoteJid ?? '');

const isChat = (jid: string) => isPersonJid(jid) || /@(?:g\.us|newsletter|broadcast)$/.test(jid);
