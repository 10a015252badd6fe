import type { WAMediaUpload } from '@whiskeysockets/baileys';
import type { TemporaryFile } from '../../storage/temporary-file.ts';

/** A file that fills up to `sizeBytes`, on disk. */
export interface FileOnDisk extends TemporaryFile {
  readonly sizeBytes: number;
}

/** What a file says: in memory where it came within a request, else on disk. */
export type MediaContent = Buffer | FileOnDisk;

/** In Baileys' terms: it reads a file piece by piece. */
export const toUpload = (content: MediaContent): WAMediaUpload =>
  Buffer.isBuffer(content) ? content : { url: content.path };

/** As libraries take it that read either. */
export const toInput = (content: MediaContent): Buffer | string =>
  Buffer.isBuffer(content) ? content : content.path;
