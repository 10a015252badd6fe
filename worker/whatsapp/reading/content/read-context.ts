import { proto } from '@whiskeysockets/baileys';
import type { z } from 'zod';
import type { contextFields } from '../../../../shared/messages/model/message-context.ts';
import type { People } from '../people.ts';
import { phoneNumberOf, readPerson } from '../read-jid.ts';
import { firstOf, known, textOf, wholeOf } from './from-network.ts';
import type { Unwrapped } from './unwrap-message.ts';

/** What a message says about itself, whatever its kind. */
export type MessageContext = z.output<z.ZodObject<typeof contextFields>>;
type Quoted = NonNullable<MessageContext['quoted']>;

const MOST_MENTIONS = 256;
/** From which on WhatsApp's own clients say “forwarded many times”. */
const OFTEN = 5;
const VIEW_ONCE = new Set(['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension']);

export interface ContextReading {
  people: People;
  /** The chat of the message itself, as WhatsApp names it. */
  chatJid: string;
  /** What a quoted message says. */
  readQuoted: (message: proto.IMessage) => { type: string; content: string | null } | undefined;
}

export function readContext(unwrapped: Unwrapped, reading: ContextReading): MessageContext {
  const context = contextOf(unwrapped);
  const quoted = context && readQuoted(context, reading);
  const mentions = firstOf(context?.mentionedJid, MOST_MENTIONS).flatMap((jid) => mentionOf(jid, reading));
  const score = wholeOf(context?.forwardingScore) ?? 0;
  return known({
    mentions: mentions.length > 0 ? mentions : undefined,
    quoted,
    quotedMessageId: quoted?.messageId,
    albumId: albumOf(unwrapped),
    forwarded: context?.isForwarded === true || score > 0 ? true : undefined,
    forwardedOften: score >= OFTEN ? true : undefined,
    viewOnce: unwrapped.wrappers.some((wrapper) => VIEW_ONCE.has(wrapper)) ? true : undefined,
    ephemeralSeconds: wholeOf(context?.expiration, 1),
    referral: context?.externalAdReply ? referralOf(context.externalAdReply, context) : undefined,
  });
}

/** What stands beside a message's body, in the body itself. */
export function contextOf({ key, message }: Unwrapped): proto.IContextInfo | undefined {
  const body = key === undefined ? undefined : message[key];
  if (typeof body !== 'object' || body === null || !('contextInfo' in body)) return undefined;
  return (body.contextInfo as proto.IContextInfo | null | undefined) ?? undefined;
}

function readQuoted(
  context: proto.IContextInfo,
  { people, chatJid, readQuoted }: ContextReading,
): Quoted | undefined {
  const messageId = textOf(context.stanzaId, 'id');
  if (messageId === undefined) return undefined;
  const author = people.complete(readPerson(context.participant));
  const read = context.quotedMessage ? readQuoted(context.quotedMessage) : undefined;
  const elsewhere = context.remoteJid && context.remoteJid !== chatJid ? context.remoteJid : undefined;
  return known({
    messageId,
    from: author.pn ?? author.lid ?? null,
    fromMe: people.isMe(author),
    chatId: textOf(elsewhere, 'id'),
    type: read?.type ?? null,
    content: read?.content ?? null,
  });
}

function mentionOf(jid: string, { people }: ContextReading) {
  const person = people.complete(readPerson(jid));
  if (person.pn === undefined && person.lid === undefined) return [];
  return [
    { phoneNumber: phoneNumberOf(person.pn) ?? null, lid: person.lid ?? null, me: people.isMe(person) },
  ];
}

function albumOf({ context }: Unwrapped): string | undefined {
  const { associationType, parentMessageKey } = context?.messageAssociation ?? {};
  return associationType === proto.MessageAssociation.AssociationType.MEDIA_ALBUM
    ? textOf(parentMessageKey?.id, 'id')
    : undefined;
}

/** A page that is merely previewed in the same way says none of where its reader came from. */
function referralOf(
  ad: proto.ContextInfo.IExternalAdReplyInfo,
  { conversionSource }: proto.IContextInfo,
): MessageContext['referral'] {
  const isAd = ad.showAdAttribution || ad.ctwaClid || ad.sourceId || ad.sourceType;
  if (!isAd) return undefined;
  return known({
    source: textOf(ad.sourceType || conversionSource, 'line'),
    sourceId: textOf(ad.sourceId, 'id'),
    title: textOf(ad.title, 'line'),
    body: textOf(ad.body),
    url: textOf(ad.sourceUrl, 'url'),
    clickId: textOf(ad.ctwaClid, 'id'),
    app: textOf(ad.sourceApp, 'line'),
    ref: textOf(ad.ref, 'line'),
  });
}
