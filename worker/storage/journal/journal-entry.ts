import { JournalError } from './journal-error.ts';

/** One change: the new value of `id` in `space`, or its removal. */
export interface JournalEntry {
  space: string;
  id: string;
  value: string | undefined;
}

const REMOVED = 0;
const SET = 1;
const LENGTH_BYTES = 4;

/** Each entry is one byte (removed or set), then space, id and value, each after its length (u32, big endian). */
export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  let sizeBytes = 0;
  for (const { space, id, value } of entries) {
    sizeBytes += 1 + 2 * LENGTH_BYTES + Buffer.byteLength(space) + Buffer.byteLength(id);
    if (value !== undefined) sizeBytes += LENGTH_BYTES + Buffer.byteLength(value);
  }
  const target = Buffer.allocUnsafe(sizeBytes);
  let offset = 0;
  const writeText = (text: string) => {
    const length = target.write(text, offset + LENGTH_BYTES);
    target.writeUInt32BE(length, offset);
    offset += LENGTH_BYTES + length;
  };
  for (const { space, id, value } of entries) {
    target[offset] = value === undefined ? REMOVED : SET;
    offset += 1;
    writeText(space);
    writeText(id);
    if (value !== undefined) writeText(value);
  }
  return target;
}

/** @throws JournalError JOURNAL_CORRUPT where the bytes are not what `encodeEntries` writes. */
export function decodeEntries(source: Buffer): JournalEntry[] {
  const entries: JournalEntry[] = [];
  let offset = 0;
  const corrupt = () => new JournalError('JOURNAL_CORRUPT', 'An entry of the auth journal is cut short.');
  const readText = () => {
    if (offset + LENGTH_BYTES > source.length) throw corrupt();
    const length = source.readUInt32BE(offset);
    offset += LENGTH_BYTES;
    if (offset + length > source.length) throw corrupt();
    const text = source.toString('utf8', offset, offset + length);
    offset += length;
    return text;
  };
  while (offset < source.length) {
    const kind = source[offset];
    offset += 1;
    if (kind !== REMOVED && kind !== SET) throw corrupt();
    const space = readText();
    const id = readText();
    entries.push({ space, id, value: kind === SET ? readText() : undefined });
  }
  return entries;
}

/**
 * How soon a change must be durable. `binding`: before the next frame leaves. `received`: likewise, but what
 * follows is a receipt, which may wait a moment for more of its kind. `soon`: within a second, without frames
 * waiting for it, unless it has been undone by then. `idle`: with whatever is written next, or within a
 * minute; losing it only repeats work.
 */
export type Urgency = 'binding' | 'received' | 'soon' | 'idle';

/** Tells whether frames wait for a change. */
export const holdsFrames = (urgency: Urgency): urgency is 'binding' | 'received' =>
  urgency === 'binding' || urgency === 'received';
