import * as z from 'zod';
import type { Table } from '../../table/table.ts';

/** Stores a message's JSON body that is too large for the message's own item. */
export interface BodyParts {
  /** Writes the parts before the item that counts them, and returns how many there are. */
  write(of: PartsOwner, json: string, ttl: number): Promise<number>;
  /** Returns `undefined` where a part is missing. */
  read(of: PartsOwner, count: number): Promise<string | undefined>;
  remove(of: PartsOwner, count: number): Promise<void>;
}

interface PartsOwner {
  sessionId: string;
  messageId: string;
}

/** An item of the table holds 400 KB including its other fields. */
export const MAX_PART_BYTES = 300_000;

const Part = z.object({ text: z.string() });

const partsPartition = ({ sessionId, messageId }: PartsOwner) => `OUTBOX_BODY#${sessionId}#${messageId}`;
const partKey = (of: PartsOwner, index: number) => ({
  pk: partsPartition(of),
  sk: String(index).padStart(3, '0'),
});
/** The same JSON in ASCII: one byte per character, so that it can be cut anywhere. */
const toAscii = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);

export function createBodyParts(table: Table): BodyParts {
  return {
    async write(of, json, ttl) {
      const text = toAscii(json);
      const count = Math.ceil(text.length / MAX_PART_BYTES);
      const slice = (index: number) => text.slice(index * MAX_PART_BYTES, (index + 1) * MAX_PART_BYTES);
      await Promise.all(
        indexes(count).map((index) => table.put({ ...partKey(of, index), text: slice(index), ttl })),
      );
      return count;
    },
    async read(of, count) {
      const parts = await table.query({ pk: partsPartition(of) }, Part);
      return parts.length < count ? undefined : parts.map(({ text }) => text).join('');
    },
    async remove(of, count) {
      await Promise.all(indexes(count).map((index) => table.delete(partKey(of, index))));
    },
  };
}
