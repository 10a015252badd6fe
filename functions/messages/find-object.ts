import type { Deps } from '../deps.ts';

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
