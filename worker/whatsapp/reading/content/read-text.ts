import type { proto } from '@whiskeysockets/baileys';
import { known, textOf } from './from-network.ts';
import type { Of } from './reading.ts';

export const readConversation = (text: string): Of<'text'> => ({
  type: 'text',
  content: textOf(text, 'text') ?? '',
});

export function readExtendedText(body: proto.Message.IExtendedTextMessage): Of<'text'> {
  const url = textOf(body.matchedText, 'url');
  const title = textOf(body.title, 'line');
  const description = textOf(body.description);
  const hasPreview = url !== undefined && (title !== undefined || description !== undefined);
  return known({
    type: 'text' as const,
    content: textOf(body.text, 'text') ?? null,
    linkPreview: hasPreview ? known({ url, title, description }) : undefined,
  });
}

/** An answer to a question of a channel or of a status post, in plain words. */
export const readAnswerText = ({
  key,
  text,
}: {
  key?: proto.IMessageKey | null;
  text?: string | null;
}): Of<'text'> =>
  known({
    type: 'text' as const,
    content: textOf(text, 'text') ?? null,
    quotedMessageId: textOf(key?.id, 'id'),
  });

const MOST_PARTS = 64;

/** What WhatsApp's assistant answers, as far as it is text. */
export function readRichResponse(body: proto.IAIRichResponseMessage): Of<'text'> | undefined {
  const lines = (body.submessages ?? []).slice(0, MOST_PARTS).flatMap(({ messageText }) => messageText || []);
  return lines.length === 0 ? undefined : { type: 'text', content: textOf(lines.join('\n'), 'text') ?? null };
}
