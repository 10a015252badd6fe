import type { proto } from '@whiskeysockets/baileys';
import type { EventMedia } from '../../../shared/events/message-data.ts';
import type { ReportedData } from '../../../shared/events/worker-report.ts';

export type MessageContent = Pick<
  ReportedData<'message_received'>,
  'type' | 'content' | 'quotedMessageId'
> & {
  media?: Omit<EventMedia, 'mediaId'>;
};

interface FileContent {
  mimetype?: string | null;
  fileLength?: unknown;
  fileName?: string | null;
  caption?: string | null;
  contextInfo?: proto.IContextInfo | null;
}

const MAX_TEXT = 65_536;

/** The type, text and file of a message's content; `undefined` where there is nothing for a person in it. */
export function readContent(content: proto.IMessage): MessageContent | undefined {
  const { conversation, extendedTextMessage: extended } = content;
  if (conversation) return text(conversation, undefined);
  if (extended) return text(extended.text, extended.contextInfo);
  return readFile(content) ?? readOther(content);
}

function readFile(content: proto.IMessage): MessageContent | undefined {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = content;
  if (imageMessage) return file('image', imageMessage);
  if (videoMessage) return file('video', videoMessage);
  if (ptvMessage) return file('video', ptvMessage);
  if (audioMessage) return file('audio', audioMessage);
  if (documentMessage) return file('document', documentMessage);
  if (stickerMessage) return file('sticker', stickerMessage);
  return undefined;
}

function readOther(content: proto.IMessage): MessageContent | undefined {
  const location = content.locationMessage ?? content.liveLocationMessage;
  if (location)
    return { type: 'location', content: `${location.degreesLatitude},${location.degreesLongitude}` };
  const { contactMessage, contactsArrayMessage: contacts } = content;
  if (contactMessage) return { type: 'contact', content: contactMessage.displayName ?? null };
  if (contacts) return { type: 'contact', content: contacts.displayName ?? null };
  const poll = content.pollCreationMessage ?? content.pollCreationMessageV2 ?? content.pollCreationMessageV3;
  if (poll) return { type: 'poll', content: poll.name ?? null };
  const choice = content.buttonsResponseMessage?.selectedDisplayText ?? content.listResponseMessage?.title;
  if (choice) return { type: 'text', content: choice };
  const template = content.templateButtonReplyMessage?.selectedDisplayText;
  return template ? { type: 'text', content: template } : undefined;
}

function text(
  body: string | null | undefined,
  context: proto.IContextInfo | null | undefined,
): MessageContent {
  return { type: 'text', content: body?.slice(0, MAX_TEXT) ?? null, ...quoted(context) };
}

function file(
  type: string,
  { mimetype, fileLength, fileName, caption, contextInfo }: FileContent,
): MessageContent {
  const sizeBytes = Number(fileLength ?? 0);
  return {
    type,
    content: caption?.slice(0, MAX_TEXT) || null,
    ...quoted(contextInfo),
    media: {
      mimetype: mimetype?.split(';')[0]?.trim() || undefined,
      filename: fileName?.slice(0, 255) || undefined,
      sizeBytes: Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? sizeBytes : undefined,
    },
  };
}

function quoted(context: proto.IContextInfo | null | undefined): { quotedMessageId?: string } {
  return context?.stanzaId && context.quotedMessage ? { quotedMessageId: context.stanzaId } : {};
}
