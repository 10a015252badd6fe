import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';

/**
 * Listed, not asked for: S3 answers for a missing object only to those who may list everything, and this function
 * may list these prefixes.
 */
export async function findObject(
  { objects }: Pick<Deps, 'objects'>,
  key: string,
): Promise<{ sizeBytes: number; modifiedAt: number } | undefined> {
  return (await objects.list(key)).find((found) => found.key === key);
}

/**
 * Whether a file can be this session's: one that was made anew under the same id has none of the earlier one's.
 * Storage tells the time of a file in whole seconds.
 */
export function isOfSession({ modifiedAt }: { modifiedAt: number }, { createdAt }: SessionItem): boolean {
  return modifiedAt >= Math.floor(Date.parse(createdAt) / 1_000) * 1_000;
}
