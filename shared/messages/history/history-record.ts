import * as z from 'zod';
import { looseContentFields } from '../model/message-content.ts';
import { MessageChat, MessageSender } from '../model/message-context.ts';
import { MessageMedia } from '../model/message-media.ts';
import { MessageStatus } from '../schema.ts';

/** A message's file: `GET …/media/{mediaId}` fetches it. */
export const HistoryMedia = MessageMedia.extend({
  mediaId: z.string().optional().meta({ description: 'Fetches the file; absent where it was not stored.' }),
  url: z
    .url()
    .optional()
    .meta({ description: 'Signed when it is asked for, by one message’s id; lives for an hour.' }),
}).meta({ title: 'HistoryMedia' });
export type HistoryMedia = z.infer<typeof HistoryMedia>;

const Jid = z.string().meta({ examples: ['6281234567890@s.whatsapp.net'] });

/** One person's last reaction. */
export const HistoryReaction = z.object({
  from: Jid,
  emoji: z.string().meta({ examples: ['👍'] }),
  timestamp: z.iso.datetime(),
});
export type HistoryReaction = z.infer<typeof HistoryReaction>;

/** How often each option of a poll was chosen: of each person the last vote counts. */
export const PollTally = z
  .array(
    z.object({
      option: z.string(),
      votes: z.number().int(),
      voters: z.array(Jid).meta({ description: 'The first thousand.' }),
    }),
  )
  .meta({ title: 'PollTally' });
export type PollTally = z.infer<typeof PollTally>;

/** One person's last answer to an event. */
export const HistoryAnswer = z
  .object({
    from: Jid,
    response: z.enum(['going', 'not_going', 'maybe']),
    guests: z.number().int().meta({ description: 'How many they bring.' }),
    timestamp: z.iso.datetime(),
  })
  .meta({ title: 'EventAnswer' });
export type HistoryAnswer = z.infer<typeof HistoryAnswer>;

const { content: _content, media: _media, ...parts } = looseContentFields;

/** A message as the history stores it and shows it. */
export const HistoryMessage = z
  .object({
    ...parts,
    id: z
      .string()
      .min(1)
      .meta({ examples: ['3EB0A1B2C3D4E5F60718'] }),
    direction: z.enum(['inbound', 'outbound']),
    chatId: z
      .string()
      .meta({ description: 'The group, else the person’s LID where known, else their number’s JID.' }),
    from: Jid,
    to: Jid,
    type: z.string().meta({ examples: ['text'] }),
    content: z
      .string()
      .nullable()
      .meta({ description: 'The text, or the caption of a file.', examples: ['Hello from the gateway'] }),
    media: HistoryMedia.optional(),
    sender: MessageSender.optional(),
    chat: MessageChat.optional(),
    timestamp: z.iso.datetime(),
    status: MessageStatus,
    editedAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When the content became what it is; absent where it is the first.' }),
    revokedAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When it was deleted for everyone; its content is not shown any more.' }),
    reactions: z.array(HistoryReaction).optional().meta({ description: 'Of each person the last one.' }),
    votes: PollTally.optional().meta({
      description: 'Of a poll: how often each option was chosen, and by whom.',
    }),
    answers: z
      .array(HistoryAnswer)
      .optional()
      .meta({ description: 'To an event, of each person the last one.' }),
  })
  .meta({
    examples: [
      {
        id: '3A77A0D1E2F3A4B5C6D7',
        direction: 'inbound',
        chatId: '144626673907343@lid',
        from: '6281234567890@s.whatsapp.net',
        to: '6281200000001@s.whatsapp.net',
        type: 'document',
        content: 'The invoice',
        media: {
          mediaId: 'd0c0ffee00c0ffee00c0ffee00c0ffee0',
          mimetype: 'application/pdf',
          filename: 'invoice.pdf',
          sizeBytes: 204_800,
          pages: 2,
        },
        sender: { phoneNumber: '+6281234567890', lid: '144626673907343@lid', name: 'Grace' },
        chat: { id: '144626673907343@lid', kind: 'direct' },
        timestamp: '2026-11-21T10:00:00.000Z',
        status: 'delivered',
        reactions: [
          { from: '6281200000001@s.whatsapp.net', emoji: '👍', timestamp: '2026-11-21T10:01:00.000Z' },
        ],
      },
    ],
  });
export type HistoryMessage = z.infer<typeof HistoryMessage>;

export const CHANGES = ['edited', 'revoked', 'reaction', 'vote', 'answer'] as const;

/** What a message said about an earlier one; readers do not see it as a message. */
export const HistoryChange = z.object({
  kind: z.literal('change'),
  at: z.iso.datetime(),
  change: z.enum(CHANGES),
  /** Id of the message that said it. */
  id: z.string(),
  /** Id of the message that it is about. */
  messageId: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  chatId: z.string(),
  from: z.string(),
  to: z.string(),
  /** The new text, the emoji, or the answer to an event; null where a reaction was removed. */
  content: z.string().nullable(),
  /** The options of a vote; empty where it was removed. */
  options: z.array(z.string()).optional(),
  /** Guests of an answer to an event. */
  guests: z.number().int().optional(),
});
export type HistoryChange = z.infer<typeof HistoryChange>;

/** A record: a message, or a step of one. `at` is when it was stored, or when it happened. */
export const HistoryRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), at: z.iso.datetime(), message: HistoryMessage }),
  z.object({
    kind: z.literal('status'),
    at: z.iso.datetime(),
    id: z.string(),
    status: MessageStatus,
    error: z.string().optional(),
    errorCode: z.string().optional(),
  }),
  HistoryChange,
]);
export type HistoryRecord = z.infer<typeof HistoryRecord>;

/**
 * The same for every record of the same happening. Ids of our messages are unique; those of others are chosen
 * by their senders, so they are unique within a chat only.
 */
export function identityOf(record: HistoryRecord): string {
  if (record.kind === 'status') return `status|${record.id}|${record.status}`;
  if (record.kind === 'change') return `change|${identify(record)}`;
  return identify(record.message);
}

/**
 * Identity of the record that must come first: readers look for changes of a message after the message
 * itself.
 */
export const identitiesBefore = (record: HistoryRecord): readonly string[] =>
  record.kind === 'change' ? [`out|${record.messageId}`, `in|${record.chatId}|${record.messageId}`] : [];

const identify = ({ direction, chatId, id }: Pick<HistoryMessage, 'direction' | 'chatId' | 'id'>) =>
  direction === 'outbound' ? `out|${id}` : `in|${chatId}|${id}`;

/** One JSON object per line, so that people and tools can read a part as it is. */
export const encodeRecord = (record: HistoryRecord): string => `${JSON.stringify(record)}\n`;

/** Returns `undefined` for a line that is not a record: of a newer release, or damaged. */
export function decodeRecord(line: string): HistoryRecord | undefined {
  try {
    return HistoryRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Skips lines that are not records. */
export function decodeRecords(body: Uint8Array): HistoryRecord[] {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map(decodeRecord)
    .filter((record) => record !== undefined);
}

const StatusStep = z.object({
  status: MessageStatus,
  at: z.iso.datetime(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
});
export type StatusStep = z.infer<typeof StatusStep>;

/** A message with its status and the steps to it, oldest first. */
export const FoundMessage = z.object({ message: HistoryMessage, timeline: z.array(StatusStep) });
export type FoundMessage = z.infer<typeof FoundMessage>;
