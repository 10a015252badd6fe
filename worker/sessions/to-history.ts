import type { HistoryMedia, HistoryMessage, HistoryRecord } from '../../shared/history/history-record.ts';
import type { OutgoingMessage } from '../whatsapp/auth/session-auth.ts';
import type { MessageContent } from '../whatsapp/read-content.ts';
import type { ReceivedMedia, ReceivedMessage } from '../whatsapp/read-message.ts';
import type { MessageOutcome } from './session-reports.ts';

/** Without the fields that are not known: a record is JSON. */
function toMedia({
  mediaId,
  mimetype,
  filename,
  sizeBytes,
  error,
}: Omit<ReceivedMedia, 'mediaId'> & { mediaId?: string | undefined }): HistoryMedia {
  return {
    // A file that was not kept cannot be asked for.
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

/** What arrived, or what the account sent from another of its devices. */
export function receivedRecord({ media, ...message }: ReceivedMessage): HistoryRecord {
  const { id, chatId, from, to, fromMe, type, content, quotedMessageId, timestamp } = message;
  return toRecord({
    id,
    direction: fromMe ? 'outbound' : 'inbound',
    chatId,
    from,
    to,
    type,
    content,
    ...(media === undefined ? {} : { media: toMedia(media) }),
    ...(quotedMessageId === undefined ? {} : { quotedMessageId }),
    timestamp,
    status: fromMe ? 'sent' : 'delivered',
  });
}

/** What is about to leave. */
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
