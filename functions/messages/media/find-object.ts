import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';

/**
 * Lists instead of requesting the object: S3 admits that an object is missing only to callers that may list
 * everything, and this function may list these prefixes only.
 */
export async function findObject(
  { objects }: Pick<Deps, 'objects'>,
  key: string,
): Promise<{ sizeBytes: number; modifiedAt: number } | undefined> {
  return (await objects.list(key)).find((found) => found.key === key);
}

/**
 * Tells whether a file belongs to this session, and not to a deleted one of the same id. Storage keeps a
 * file's time in whole seconds.
 */
export function isOfSession({ modifiedAt }: { modifiedAt: number }, { createdAt }: SessionItem): boolean {
  return modifiedAt >= Math.floor(Date.parse(createdAt) / 1_000) * 1_000;
}
