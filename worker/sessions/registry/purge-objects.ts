import { AppError } from '../../../shared/errors/app-error.ts';
import { parseHistoryKey } from '../../../shared/messages/history/history-keys.ts';
import { uploadPrefix } from '../../../shared/messages/media/media-id.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { inTime } from '../../storage/wait-at-most.ts';

const BATCH = 500;
const TIMEOUT_MS = 10_000;

/**
 * Removes every object of a session as it was up to `epoch`: credentials, history, media, uploads. A session of the same
 * name that was created since has a newer epoch: its credentials and messages stay, and so do files, which could be
 * its own.
 * @throws AppError STORAGE_UNAVAILABLE, also where it takes too long; what is left is found by the next attempt
 */
export async function purgeObjects(
  store: ObjectStore,
  sessionId: string,
  epoch: number,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  try {
    await inTime(timeoutMs, (signal) => purge(store, sessionId, epoch, { signal }));
  } catch (cause) {
    throw new AppError('STORAGE_UNAVAILABLE', NOT_PURGED, { cause });
  }
}

const NOT_PURGED =
  'The session has ended, but storage does not answer: its objects are deleted as soon as it does.';

async function purge(
  store: ObjectStore,
  sessionId: string,
  epoch: number,
  options: { signal: AbortSignal },
): Promise<void> {
  const own = (await store.list(`sessions/${sessionId}/`, options)).map(({ key }) => key);
  const successor = own.some((key) => epochOf(key) > epoch);
  const files = successor ? [] : [`media/${sessionId}/`, uploadPrefix(sessionId)];
  const listed = await Promise.all(files.map((prefix) => store.list(prefix, options)));
  const media = listed.flat().map(({ key }) => key);
  const doomed = [...own.filter((key) => (successor ? isWithin(key, epoch) : true)), ...media];
  for (let at = 0; at < doomed.length; at += BATCH) await store.delete(doomed.slice(at, at + BATCH), options);
}

const isWithin = (key: string, epoch: number) => epochOf(key) >= 0 && epochOf(key) <= epoch;

/** Of the owner who wrote a part of the auth state or of the history; -1 for other objects. */
function epochOf(key: string): number {
  const [, epoch] = /^sessions\/[^/]+\/auth\/(\d+)\//.exec(key) ?? [];
  return epoch === undefined ? (parseHistoryKey({ key, sizeBytes: 0 })?.epoch ?? -1) : Number(epoch);
}
