import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { statusOf } from '../aws/call-failure.ts';
import { AppError } from '../errors/app-error.ts';
import { abortable } from './bucket-client.ts';
import type { ObjectBucket } from './object-reader.ts';

export interface BucketOptions {
  client: S3Client;
  bucket: string;
  /** Of signatures; milliseconds since the epoch. */
  now?: () => number;
}

/** What `encodeURIComponent` leaves as it is, and a header's extended value does not (RFC 8187). */
const encodeSign = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
const encodeName = (name: string) => encodeURIComponent(name).replace(/[!'()*]/g, encodeSign);

/** An attachment's name in ASCII and, beside it, in UTF-8 (RFC 6266). */
const attachment = (filename: string) =>
  `attachment; filename="${filename.replace(/[^\w. -]/g, '_')}"; filename*=UTF-8''${encodeName(filename)}`;

const unavailable = (cause: unknown) =>
  new AppError(
    'STORAGE_UNAVAILABLE',
    'Stored messages and media cannot be reached just now. Try again shortly.',
    { cause },
  );

/** Undefined for what is not there. */
async function unlessMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw unavailable(thrown);
  }
}

/** Reading. @throws AppError STORAGE_UNAVAILABLE from every call that does not get through */
export function openReads({ client, bucket: Bucket }: BucketOptions) {
  return {
    async list(Prefix, { signal } = {}) {
      const found: { key: string; sizeBytes: number; modifiedAt: number }[] = [];
      let next: string | undefined;
      do {
        const ContinuationToken = next === undefined ? {} : { ContinuationToken: next };
        const request = new ListObjectsV2Command({ Bucket, Prefix, ...ContinuationToken });
        const page: ListObjectsV2CommandOutput = await client
          .send(request, abortable(signal))
          .catch((thrown: unknown) => {
            throw unavailable(thrown);
          });
        for (const { Key, Size = 0, LastModified } of page.Contents ?? [])
          if (Key !== undefined)
            found.push({ key: Key, sizeBytes: Size, modifiedAt: LastModified?.getTime() ?? 0 });
        next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (next !== undefined);
      return found;
    },

    get(Key, { signal } = {}) {
      const read = async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), abortable(signal));
        return Body?.transformToByteArray();
      };
      return unlessMissing(read());
    },

    async head(Key, { signal } = {}) {
      const request = client.send(new HeadObjectCommand({ Bucket, Key }), abortable(signal));
      const kept = await unlessMissing(request);
      return kept === undefined
        ? undefined
        : { sizeBytes: kept.ContentLength ?? 0, mimetype: kept.ContentType };
    },
  } satisfies Pick<ObjectBucket, 'list' | 'get' | 'head'>;
}

/** Signing what others download. */
export function openDownloads({ client, bucket: Bucket, now = Date.now }: BucketOptions) {
  return {
    signGet(Key, { expiresS: expiresIn, filename, mimetype }) {
      const request = new GetObjectCommand({
        Bucket,
        Key,
        ...(filename === undefined ? {} : { ResponseContentDisposition: attachment(filename) }),
        ...(mimetype === undefined ? {} : { ResponseContentType: mimetype }),
      });
      return getSignedUrl(client, request, { expiresIn, signingDate: new Date(now()) });
    },
  } satisfies Pick<ObjectBucket, 'signGet'>;
}

/** Signing what others upload. */
function openUploads({ client, bucket: Bucket, now = Date.now }: BucketOptions) {
  return {
    signPut(Key, { expiresS: expiresIn, mimetype, sizeBytes }) {
      const request = new PutObjectCommand({
        Bucket,
        Key,
        ContentType: mimetype,
        ContentLength: sizeBytes,
      });
      // Whoever uploads must send exactly these; the presigner leaves the type out of what it signs unless told.
      const signableHeaders = new Set(['content-type', 'content-length', 'host']);
      return getSignedUrl(client, request, { expiresIn, signableHeaders, signingDate: new Date(now()) });
    },
  } satisfies Pick<ObjectBucket, 'signPut'>;
}

export const openBucket = (options: BucketOptions): ObjectBucket => ({
  ...openReads(options),
  ...openDownloads(options),
  ...openUploads(options),
});

const nowhere = async (): Promise<never> => {
  throw new AppError('STORAGE_UNAVAILABLE', 'No bucket is set up here: set S3_BUCKET for history and media.');
};

/** For a process that was told of no bucket. */
export const NO_BUCKET: ObjectBucket = {
  list: nowhere,
  get: nowhere,
  head: nowhere,
  signGet: nowhere,
  signPut: nowhere,
};
