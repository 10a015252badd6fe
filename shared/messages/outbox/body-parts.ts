import * as z from 'zod';
import type { Table } from '../../table/table.ts';

/** Where a body, in JSON, stands that is too large for its message's item. */
export interface BodyParts {
  /** Before the item that counts them; answers how many there are. */
  write(of: PartsOwner, json: string, ttl: number): Promise<number>;
  /** `undefined` where one of them is not there any more. */
  read(of: PartsOwner, count: number): Promise<string | undefined>;
  remove(of: PartsOwner, count: number): Promise<void>;
}

interface PartsOwner {
  sessionId: string;
  messageId: string;
}

/** A table's item holds 400 KB, with what goes around it. */
export const MAX_PART_BYTES = 300_000;

const Part = z.object({ text: z.string() });

const partsPartition = ({ sessionId, messageId }: PartsOwner) => `OUTBOX_BODY#${sessionId}#${messageId}`;
const partKey = (of: PartsOwner, index: number) => ({
  pk: partsPartition(of),
  sk: String(index).padStart(3, '0'),
});
/** The same JSON in ASCII: as many bytes as characters, so that it can be cut anywhere. */
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
