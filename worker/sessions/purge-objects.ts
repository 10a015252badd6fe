import type { ObjectStore } from '../storage/object-store.ts';

const BATCH = 500;

/** Removes every object of a session: credentials, history, media. */
export async function purgeObjects(store: ObjectStore, sessionId: string): Promise<void> {
  for (const prefix of [`sessions/${sessionId}/`, `media/${sessionId}/`]) {
    const keys = (await store.list(prefix)).map(({ key }) => key);
    for (let at = 0; at < keys.length; at += BATCH) await store.delete(keys.slice(at, at + BATCH));
  }
}
