import * as z from 'zod';
import { MessageStatus } from '../../../shared/messages/schema.ts';

/** A message as the history keeps it and shows it (contract, section 2). */
export const HistoryMessage = z.object({
  id: z.string().min(1),
  direction: z.enum(['inbound', 'outbound']),
  chatId: z.string(),
  from: z.string(),
  to: z.string(),
  type: z.string(),
  content: z.string().nullable(),
  media: z.looseObject({}).optional(),
  timestamp: z.iso.datetime(),
  status: MessageStatus,
});
export type HistoryMessage = z.infer<typeof HistoryMessage>;

/** What is appended: a message, or what became of one. */
export const HistoryRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), message: HistoryMessage }),
  z.object({ kind: z.literal('status'), id: z.string(), status: MessageStatus, at: z.iso.datetime() }),
]);
export type HistoryRecord = z.infer<typeof HistoryRecord>;

/** One JSON object a line, so that a person or a tool can read it where it lies. */
export function encodeRecords(records: readonly HistoryRecord[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** Lines that are no record (of a newer release, or damaged) are left out: history is no ledger. */
export function decodeRecords(body: Uint8Array): HistoryRecord[] {
  const records: HistoryRecord[] = [];
  for (const line of Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString().split('\n')) {
    if (line === '') continue;
    const record = HistoryRecord.safeParse(readLine(line));
    if (record.success) records.push(record.data);
  }
  return records;
}

function readLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
