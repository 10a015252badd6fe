import type { ObjectStore } from '../object-store.ts';
import { authPrefix, epochOfKey } from './journal-keys.ts';

/** Removes a session's auth state of every epoch up to and including this one; a newer owner's stays. */
export async function purgeAuth(
  store: ObjectStore,
  sessionId: string,
  { upToEpoch }: { upToEpoch: number },
): Promise<void> {
  const found = await store.list(authPrefix(sessionId));
  const doomed = found
    .map(({ key }) => key)
    .filter((key) => (epochOfKey(key) ?? Number.POSITIVE_INFINITY) <= upToEpoch);
  if (doomed.length > 0) await store.delete(doomed);
}
