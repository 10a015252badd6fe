import { createFolderObjectStore } from './folder-object-store.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Settings } from './s3-object-store.ts';

/** Where auth state, history and media are kept. */
export type ObjectStoreSettings =
  | ({ kind: 's3' } & S3Settings)
  | { kind: 'folder'; sessionPath: string; mediaPath: string };

const MEDIA = 'media/';

/** Opens S3 where a bucket is named, else two folders: one for media, one for the rest. */
export async function openObjectStore(settings: ObjectStoreSettings): Promise<ObjectStore> {
  if (settings.kind === 's3') {
    // Ten megabytes of memory that a worker over folders has no use for.
    const { createS3ObjectStore } = await import('./s3-object-store.ts');
    return createS3ObjectStore(settings);
  }
  const sessions = createFolderObjectStore(settings.sessionPath);
  const media = createFolderObjectStore(settings.mediaPath);
  const of = (key: string) => (key.startsWith(MEDIA) ? media : sessions);
  return {
    put: (key, body, options) => of(key).put(key, body, options),
    putFile: (key, path, options) => of(key).putFile(key, path, options),
    get: (key, options) => of(key).get(key, options),
    getFile: (key, path, options) => of(key).getFile(key, path, options),
    list: (prefix, options) => of(prefix).list(prefix, options),
    retire: (key, options) => of(key).retire(key, options),
    async delete(keys, options) {
      await Promise.all([
        sessions.delete(
          keys.filter((key) => !key.startsWith(MEDIA)),
          options,
        ),
        media.delete(
          keys.filter((key) => key.startsWith(MEDIA)),
          options,
        ),
      ]);
    },
  };
}
