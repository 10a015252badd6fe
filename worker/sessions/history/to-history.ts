import type { EventMedia } from '../../../shared/events/message-data.ts';
import type {
  HistoryChange,
  HistoryMedia,
  HistoryMessage,
  HistoryRecord,
} from '../../../shared/messages/history/history-record.ts';
import type { MessageChange } from '../../whatsapp/reading/read-change.ts';
import type { MessageContent } from '../../whatsapp/reading/read-content.ts';
import type { IncomingChange, IncomingMessage } from '../../whatsapp/reading/read-message.ts';
import type { OutgoingMessage } from '../../whatsapp/state/session-auth.ts';
import type { MessageOutcome, SentMessage } from '../reporting/session-reports.ts';

/** Drops unknown fields, because a record is JSON. */
function toMedia({
  mediaId,
  mimetype,
  filename,
  sizeBytes,
  error,
}: Omit<EventMedia, 'mediaId'> & { mediaId?: string | undefined }): HistoryMedia {
  return {
    // A file that was not kept cannot be fetched.
    ...(mediaId === undefined || error !== undefined ? {} : { mediaId }),
    ...(mimetype === undefined ? {} : { mimetype }),
    ...(filename === undefined ? {} : { filename }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(error === undefined ? {} : { error }),
  };
}

const toRecord = (message: HistoryMessage): HistoryRecord => ({
  kind: 'message',
  at: new Date().toISOString(),
  message,
});

/** A message that arrived, or that the account sent from another device. */
export function receivedRecord({ event, data }: IncomingMessage): HistoryRecord {
  const { id, chatId, from, to, type, content, media, quotedMessageId, timestamp } = data;
  const isOwn = event === 'message_sent';
  return toRecord({
    id,
    direction: isOwn ? 'outbound' : 'inbound',
    chatId,
    from: from ?? '',
    to,
    type,
    content,
    ...(media === undefined ? {} : { media: toMedia(media) }),
    ...(quotedMessageId === undefined ? {} : { quotedMessageId }),
    timestamp,
    status: isOwn ? 'sent' : 'delivered',
  });
}

/** A message that is about to be sent. */
export function sendingRecord(
  { id, to, at }: OutgoingMessage,
  { type, content, media, quotedMessageId }: MessageContent,
  about: { chatId: string; from: string; mediaId?: string | undefined },
): HistoryRecord {
  const { chatId, from, mediaId } = about;
  return toRecord({
    id,
    direction: 'outbound',
    chatId,
    from,
    to,
    type,
    content,
    ...(media === undefined ? {} : { media: toMedia({ ...media, mediaId }) }),
    ...(quotedMessageId === undefined ? {} : { quotedMessageId }),
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
  }
}

/** A change of an earlier message by this session. */
export function sentChange(
  { messageId: id, to, at }: SentMessage,
  change: MessageChange,
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
