import type { ObjectStore } from '../storage/object-store.ts';

const BATCH = 500;

/**
 * Removes every object of a session as it was up to `epoch`: credentials, history, media. A session of the same
 * name that was created since has a newer epoch: its credentials stay, and so do files, which could be its own.
 */
export async function purgeObjects(store: ObjectStore, sessionId: string, epoch: number): Promise<void> {
  const own = (await store.list(`sessions/${sessionId}/`)).map(({ key }) => key);
  const successor = own.some((key) => epochOf(key) > epoch);
  const media = successor ? [] : (await store.list(`media/${sessionId}/`)).map(({ key }) => key);
  const doomed = [...own.filter((key) => (successor ? isWithin(key, epoch) : true)), ...media];
  for (let at = 0; at < doomed.length; at += BATCH) await store.delete(doomed.slice(at, at + BATCH));
}

const isWithin = (key: string, epoch: number) => epochOf(key) >= 0 && epochOf(key) <= epoch;

/** Of `sessions/{id}/auth/{epoch}/…`; -1 for other objects. */
function epochOf(key: string): number {
  const [, epoch] = /^sessions\/[^/]+\/auth\/(\d+)\//.exec(key) ?? [];
  return epoch === undefined ? -1 : Number(epoch);
}
