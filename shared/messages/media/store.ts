import * as z from 'zod';
import { type MayGoOn, purgePartition } from '../../table/purge-partition.ts';
import type { Table } from '../../table/table.ts';

/** The declaration of an upload. Only storage knows whether the file has been uploaded. */
export const MediaItem = z.object({
  sessionId: z.string(),
  mediaId: z.string(),
  mimetype: z.string(),
  sizeBytes: z.number().int(),
  filename: z.string().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type MediaItem = z.infer<typeof MediaItem>;
export type NewMedia = Omit<MediaItem, 'createdAt' | 'expiresAt'>;

export interface MediaStore {
  create(media: NewMedia): Promise<MediaItem>;
  get(sessionId: string, mediaId: string): Promise<MediaItem | undefined>;
  /** Removes declarations made before this time; false where it stopped in between. */
  purge(sessionId: string, before: string, mayGoOn: MayGoOn): Promise<boolean>;
}

export const MEDIA_TTL_MS = 30 * 24 * 3_600_000;

const partitionOf = (sessionId: string) => `MEDIA#${sessionId}`;
const keyOf = (sessionId: string, mediaId: string) => ({ pk: partitionOf(sessionId), sk: mediaId });
const Kept = MediaItem.pick({ createdAt: true }).extend({ sk: z.string() });

/** `now` is in milliseconds. */
export function createMediaStore(table: Table, now: () => number): MediaStore {
  return {
    async create(media) {
      const expiresAt = now() + MEDIA_TTL_MS;
      const item: MediaItem = {
        ...media,
        createdAt: new Date(now()).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
      };
      const key = keyOf(media.sessionId, media.mediaId);
      await table.put({ ...key, ...item, ttl: Math.ceil(expiresAt / 1000) });
      return item;
    },
    purge(sessionId, before, mayGoOn) {
      const partition = { pk: partitionOf(sessionId), schema: Kept, mayGoOn };
      return purgePartition(table, partition, ({ createdAt }) => createdAt < before);
    },
    async get(sessionId, mediaId) {
      const item = await table.get(keyOf(sessionId, mediaId), MediaItem);
      return item === undefined || Date.parse(item.expiresAt) <= now() ? undefined : item;
    },
  };
}
