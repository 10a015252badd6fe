import type { ObjectStore } from '../object-store.ts';
import { authPrefix, epochOfKey, parsePartKey } from './journal-keys.ts';

/** Removes a session's auth state of every epoch up to and including this one; a newer owner's stays. */
export async function purgeAuth(
  store: ObjectStore,
  sessionId: string,
  { upToEpoch, except, signal }: { upToEpoch: number; except?: string | undefined; signal: AbortSignal },
): Promise<void> {
  const found = await store.list(authPrefix(sessionId), { signal });
  const doomed = found
    .map(({ key }) => key)
    .filter((key) => key !== except && (epochOfKey(key) ?? Number.POSITIVE_INFINITY) <= upToEpoch);
  // Snapshots last: what is left by a purge that is cut short can still be read, and purged again.
  const snapshots = doomed.filter((key) => parsePartKey(key)?.kind === 'snapshot');
  const others = doomed.filter((key) => parsePartKey(key)?.kind !== 'snapshot');
  for (const keys of [others, snapshots]) if (keys.length > 0) await store.delete(keys, { signal });
}
