import type {
  HistoryChange,
  HistoryMedia,
  HistoryMessage,
  HistoryRecord,
} from '../../../shared/messages/history/history-record.ts';
import type { MessageContent } from '../../../shared/messages/model/message-content.ts';
import type { PlainChange } from '../../whatsapp/reading/read-change.ts';
import type { IncomingChange, IncomingMessage } from '../../whatsapp/reading/read-message.ts';
import type { OutgoingMessage } from '../../whatsapp/state/session-auth.ts';
import type { MessageOutcome, SentMessage } from '../reporting/session-reports.ts';

function withMediaId({ mediaId: _made, ...media }: HistoryMedia, mediaId: string | undefined): HistoryMedia {
  return mediaId === undefined ? media : { ...media, mediaId };
}

const toRecord = (message: HistoryMessage): HistoryRecord => ({
  kind: 'message',
  at: new Date().toISOString(),
  message,
});

/** A message that arrived, or that the account sent from another device. */
export function receivedRecord(received: IncomingMessage): HistoryRecord {
  if (received.event === 'message_sent') {
    const { messageId: _same, source: _source, isGroup: _group, ...sent } = received.data;
    return toRecord({ ...sent, from: sent.from ?? '', direction: 'outbound' });
  }
  const { fromMe: _, isGroup: _group, phoneNumber: _number, lid: _lid, ...rest } = received.data;
  const { pushName: _name, offline: _offline, ...message } = rest;
  return toRecord({ ...message, direction: 'inbound', status: 'delivered' });
}

/** A message that is about to be sent. */
export function sendingRecord(
  { id, to, at }: OutgoingMessage,
  said: MessageContent | Pick<HistoryMessage, 'type' | 'content'>,
  about: { chatId: string; from: string; mediaId?: string | undefined },
): HistoryRecord {
  const { chatId, from, mediaId } = about;
  const media = 'media' in said ? said.media : undefined;
  return toRecord({
    ...said,
    // The reader makes up an id for whatever may be fetched; only an upload has one here.
    ...(media === undefined ? {} : { media: withMediaId(media, mediaId) }),
    id,
    direction: 'outbound',
    chatId,
    from,
    to,
    timestamp: at.toISOString(),
    status: 'pending',
  });
}

export function stepRecord({
  messageId,
  status,
  error,
  errorCode,
  at = new Date(),
}: MessageOutcome): HistoryRecord {
  return {
    kind: 'status',
    at: at.toISOString(),
    id: messageId,
    status,
    ...(error === undefined ? {} : { error }),
    ...(errorCode === undefined ? {} : { errorCode }),
  };
}

/** A change of an earlier message, by others or from another device of the account. */
export function receivedChange(event: IncomingChange): HistoryChange {
  const { id, messageId, chatId, from, to, fromMe, timestamp: at } = event.data;
  const direction = fromMe ? ('outbound' as const) : ('inbound' as const);
  const about = { kind: 'change' as const, at, id, messageId, direction, chatId, from, to };
  switch (event.event) {
    case 'message_reaction':
      return { ...about, change: 'reaction', content: event.data.emoji };
    case 'message_edited':
      return { ...about, change: 'edited', content: event.data.content };
    case 'message_revoked':
      return { ...about, change: 'revoked', content: null };
    case 'poll_vote':
      return { ...about, change: 'vote', content: null, options: event.data.options ?? [] };
    case 'event_response':
      return { ...about, change: 'answer', content: event.data.response, guests: event.data.guests };
  }
}

/** A change of an earlier message by this session. */
export function sentChange(
  { messageId: id, to, at }: SentMessage,
  change: PlainChange,
  about: { chatId: string; from: string },
): HistoryChange {
  const content =
    change.change === 'reaction' ? change.emoji : change.change === 'edited' ? change.content : null;
  return {
    kind: 'change',
    at: at.toISOString(),
    change: change.change,
    id,
    messageId: change.messageId,
    direction: 'outbound',
    ...about,
    to,
    content,
  };
}
