import * as z from 'zod';
import { MessageStatus } from '../schema.ts';

/** Where a message's file is: `GET …/media/{mediaId}` fetches it. */
export const HistoryMedia = z.object({
  mediaId: z.string().optional().meta({ description: 'Fetches the file; absent where it was not kept.' }),
  mimetype: z.string().optional(),
  filename: z.string().optional(),
  sizeBytes: z.number().int().optional(),
  error: z.string().optional().meta({ description: 'Why the file could not be kept.' }),
  url: z
    .url()
    .optional()
    .meta({ description: 'Signed when it is asked for, by one message’s id; lives for an hour.' }),
});
export type HistoryMedia = z.infer<typeof HistoryMedia>;

const Jid = z.string().meta({ examples: ['6281234567890@s.whatsapp.net'] });

/** One person's, the last they gave. */
export const HistoryReaction = z.object({
  from: Jid,
  emoji: z.string().meta({ examples: ['👍'] }),
  timestamp: z.iso.datetime(),
});
export type HistoryReaction = z.infer<typeof HistoryReaction>;

/** A message as the history keeps it and shows it. */
export const HistoryMessage = z.object({
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
  quotedMessageId: z.string().optional(),
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
});
export type HistoryMessage = z.infer<typeof HistoryMessage>;

export const CHANGES = ['edited', 'revoked', 'reaction'] as const;

/** What a message said about an earlier one: no message of its own to a reader. */
export const HistoryChange = z.object({
  kind: z.literal('change'),
  at: z.iso.datetime(),
  change: z.enum(CHANGES),
  /** Of the message that said it. */
  id: z.string(),
  /** Of the one that it was said about. */
  messageId: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  chatId: z.string(),
  from: z.string(),
  to: z.string(),
  /** The new text, or the emoji; null where a reaction was taken back. */
  content: z.string().nullable(),
});
export type HistoryChange = z.infer<typeof HistoryChange>;

/** What is appended: a message, or what became of one. `at` is when it was taken down, or happened. */
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
 * The same for every record of the same happening. Ids of our messages are ours; those of others are chosen by
 * their senders, so only within a chat do they tell one from another.
 */
export function identityOf(record: HistoryRecord): string {
  if (record.kind === 'status') return `status|${record.id}|${record.status}`;
  if (record.kind === 'change') return `change|${identify(record)}`;
  return identify(record.message);
}

/** The records that one must not come before: readers look for what was said of a message after it. */
export const identitiesBefore = (record: HistoryRecord): readonly string[] =>
  record.kind === 'change' ? [`out|${record.messageId}`, `in|${record.chatId}|${record.messageId}`] : [];

const identify = ({ direction, chatId, id }: Pick<HistoryMessage, 'direction' | 'chatId' | 'id'>) =>
  direction === 'outbound' ? `out|${id}` : `in|${chatId}|${id}`;

/** One JSON object a line, so that a person or a tool can read it where it lies. */
export const encodeRecord = (record: HistoryRecord): string => `${JSON.stringify(record)}\n`;

/** `undefined` for what is no record: of a newer release, or damaged. */
export function decodeRecord(line: string): HistoryRecord | undefined {
  try {
    return HistoryRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Lines that are no record are left out: history is no ledger. */
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

/** A message with the status it has reached, and the steps to it, oldest first. */
export const FoundMessage = z.object({ message: HistoryMessage, timeline: z.array(StatusStep) });
export type FoundMessage = z.infer<typeof FoundMessage>;
