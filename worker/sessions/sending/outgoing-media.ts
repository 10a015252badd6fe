import type { Logger } from 'pino';
import { AppError } from '../../../shared/errors/app-error.ts';
import { isMediaId, isUploadId, mediaKey, uploadKey } from '../../../shared/messages/media/media-id.ts';
import { MAX_BYTES, toMebibytes } from '../../../shared/messages/media/media-types.ts';
import {
  isMediaType,
  type Media,
  type MediaType,
  type UploadedMedia,
} from '../../../shared/messages/schema.ts';
import type { WorkerSend } from '../../../shared/workers/api/schema.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { FileOnDisk } from '../../storage/temporary-file.ts';
import { createTemporaryFile } from '../../storage/temporary-file.ts';
import { type FetchedMedia, fetchMedia } from '../../whatsapp/media/fetch-media.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { ByteBudget, Reservation } from '../byte-budget.ts';
import type { RegistrySettings } from '../settings.ts';

export interface OutgoingMediaDeps {
  sessionId: string;
  store: ObjectStore;
  budget: ByteBudget;
  settings: RegistrySettings['media'];
  log: Logger;
}

/** A file that takes up budget until it is released. */
export interface OpenedMedia extends FetchedMedia {
  release(): void;
}

/** Counts the file itself and the encrypted copy that Baileys uploads. */
const COPIES = 2;

/**
 * The file of a message: from its URL, or from this session's own uploads.
 * @throws AppError MEDIA_UNAVAILABLE, PAYLOAD_TOO_LARGE, STORAGE_UNAVAILABLE, WORKER_BUSY
 */
export async function openMedia(
  deps: OutgoingMediaDeps,
  { type, media }: Pick<WorkerSend, 'type' | 'media'>,
): Promise<OpenedMedia | undefined> {
  if (!isMediaType(type) || media === undefined) return undefined;
  const { maxBytes, fetchTimeoutMs: timeoutMs, allowPrivate, budgetWaitMs: waitMs } = deps.settings;
  const most = Math.min(maxBytes, MAX_BYTES[type]);
  let room: Reservation | undefined;
  const reserve = async (sizeBytes: number) => {
    room = await deps.budget.reserve(deps.sessionId, sizeBytes * COPIES, { waitMs });
  };
  try {
    const fetched = isUpload(media)
      ? await openUpload({ ...deps, reserve }, type, media, most)
      : await fetchMedia(media.url, { maxBytes: most, timeoutMs, allowPrivate, reserve });
    const { content } = fetched;
    const release = () => {
      if (!Buffer.isBuffer(content)) content.remove();
      room?.release();
    };
    return { ...fetched, release };
  } catch (error) {
    room?.release();
    throw error;
  }
}

const isUpload = (media: Media): media is UploadedMedia => 'mediaId' in media;

type UploadDeps = OutgoingMediaDeps & { reserve: (sizeBytes: number) => Promise<void> };

async function openUpload(
  deps: UploadDeps,
  type: MediaType,
  media: UploadedMedia,
  maxBytes: number,
): Promise<FetchedMedia> {
  const { mediaId, mimetype, filename, sizeBytes } = media;
  if (!isMediaId(mediaId)) throw neverUploaded();
  const found = await orUnavailable(find(deps, mediaId));
  if (found === undefined) throw neverUploaded();
  if (found.sizeBytes > maxBytes)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The upload is larger than ${toMebibytes(maxBytes)} MiB, the most that is sent as ${type}.`,
    );
  if (sizeBytes !== undefined && sizeBytes !== found.sizeBytes)
    throw new AppError(
      'MEDIA_UNAVAILABLE',
      `The upload has ${found.sizeBytes} bytes, not the ${sizeBytes} that were declared. Upload it again.`,
    );
  await deps.reserve(found.sizeBytes);
  const content = await readDown(deps, found);
  if (found.waiting) await keep(deps, mediaId, content, mimetype);
  return { content, mimetype, filename };
}

async function readDown(
  deps: UploadDeps,
  { key, sizeBytes }: { key: string; sizeBytes: number },
): Promise<FileOnDisk> {
  const file = await createTemporaryFile();
  try {
    const found = await orUnavailable(deps.store.getFile(key, file.path, { signal: timeout(deps) }));
    if (!found) throw neverUploaded();
    return { ...file, sizeBytes };
  } catch (error) {
    file.remove();
    throw error;
  }
}

/** Listed first, so that its size is known before it is fetched. */
async function find({ sessionId, store, ...deps }: OutgoingMediaDeps, mediaId: string) {
  const look = async (key: string, waiting: boolean) => {
    const found = await store.list(key, { signal: timeout(deps) });
    const sizeBytes = found.find((object) => object.key === key)?.sizeBytes;
    return sizeBytes === undefined ? undefined : { key, sizeBytes, waiting };
  };
  const kept = await look(mediaKey(sessionId, mediaId), false);
  return kept ?? (isUploadId(mediaId) ? await look(uploadKey(sessionId, mediaId), true) : undefined);
}

/** A used upload stays with the session's media; the bucket expires unused ones. */
async function keep(
  { sessionId, store, log, settings }: OutgoingMediaDeps,
  mediaId: string,
  { path }: FileOnDisk,
  contentType = 'application/octet-stream',
): Promise<void> {
  try {
    await store.putFile(mediaKey(sessionId, mediaId), path, { contentType, signal: timeout({ settings }) });
  } catch (fault) {
    // The message itself does not depend on it.
    log.warn({ mediaId, reason: describeFault(fault) }, 'an upload could not be kept');
  }
}

const timeout = ({ settings }: Pick<OutgoingMediaDeps, 'settings'>) =>
  AbortSignal.timeout(settings.fetchTimeoutMs);

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new AppError('STORAGE_UNAVAILABLE', 'The upload cannot be read just now. Try again shortly.', {
      cause,
    });
  }
}

const neverUploaded = () =>
  new AppError(
    'MEDIA_UNAVAILABLE',
    'There is nothing under this mediaId: the file was never uploaded, or not sent within a day.',
  );
