import { historyPrefix, sortParts } from '../../../shared/messages/history/history-keys.ts';
import { decodeRecord, decodeRecords, identityOf } from '../../../shared/messages/history/history-record.ts';
import type { ObjectReader } from '../../../shared/objects/object-reader.ts';

/** The journal's next write follows a part before there are many more parts. */
const MOST_PARTS = 16;

/**
 * Finds which of an earlier owner's records were written when it ended: their part was durable, and the
 * journal had no time to learn of it. Only parts as young as the records can hold them.
 * @throws whatever the store throws
 */
export async function findWritten(
  objects: ObjectReader,
  sessionId: string,
  left: readonly (readonly [identity: string, line: string])[],
): Promise<string[]> {
  const identities = new Set(left.map(([identity]) => identity));
  const times = left.map(([, line]) => Date.parse(decodeRecord(line)?.at ?? ''));
  const oldest = Math.min(...times.filter((time) => !Number.isNaN(time)));
  const { parts } = sortParts(await objects.list(historyPrefix(sessionId)));
  const written = new Set<string>();
  for (const { key } of parts.filter(({ to }) => to >= oldest).slice(-MOST_PARTS)) {
    const body = await objects.get(key);
    for (const record of body === undefined ? [] : decodeRecords(body)) {
      const identity = identityOf(record);
      if (identities.has(identity)) written.add(identity);
    }
  }
  return [...written];
}
