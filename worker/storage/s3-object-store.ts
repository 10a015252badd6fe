import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { abortable, createBucketClient } from '../../shared/objects/bucket-client.ts';
import { waitBackOff } from '../../shared/retry/back-off.ts';
import type { ObjectStore } from './object-store.ts';

export interface S3Settings {
  bucket: string;
  region: string;
  endpoint: string | undefined;
  forcePathStyle: boolean;
  /** Undefined takes the AWS SDK's own chain (a task role, for instance). */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
  /** Time-out of one attempt; 15 s by default. */
  requestTimeoutMs?: number;
}

/** The SDK retries with back-off and jitter; callers whose data must not be lost retry above it. */
const ATTEMPTS = 3;
const REQUEST_TIMEOUT_MS = 15_000;
const BACK_OFF = { firstMs: 100, longestMs: 1_000 };
const MAX_SOCKETS = 128;
/** Of S3's DeleteObjects. */
const MAX_DELETES = 1_000;

function createS3Client({ credentials, requestTimeoutMs, ...place }: S3Settings): S3Client {
  const timeoutMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const given = credentials === undefined ? undefined : async () => credentials;
  return createBucketClient(
    { ...place, credentials: given },
    { attempts: ATTEMPTS, timeoutMs, maxSockets: MAX_SOCKETS },
  );
}

/** The tag that the bucket's lifecycle rule looks for (`infra/constructs/object-bucket.ts`). */
const SUPERSEDED = { Key: 'superseded', Value: 'true' };

async function orAbsent<T>(answer: Promise<{ Body?: T | undefined }>): Promise<T | undefined> {
  try {
    return (await answer).Body;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

const isRefused = (error: unknown) =>
  error instanceof S3ServiceException && error.$fault === 'client' && !error.$retryable;

/** As the SDK does it for what it can send twice. */
async function repeat(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  for (let failures = 1; ; failures += 1)
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || failures >= ATTEMPTS || isRefused(error)) throw error;
      await waitBackOff(BACK_OFF, failures - 1, signal);
    }
}

/** S3, MinIO, or whatever speaks their protocol. */
export function createS3ObjectStore(settings: S3Settings, client = createS3Client(settings)): ObjectStore {
  const Bucket = settings.bucket;
  return {
    async put(Key, Body, { contentType, signal } = {}) {
      const type = contentType === undefined ? {} : { ContentType: contentType };
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ...type }), abortable(signal));
    },

    async putFile(Key, path, { contentType, signal } = {}) {
      const type = contentType === undefined ? {} : { ContentType: contentType };
      const { size: ContentLength } = await stat(path);
      // A stream is sent once: its failed attempts are repeated here, with a new one each.
      await repeat(signal, async () => {
        const Body = createReadStream(path);
        const command = new PutObjectCommand({ Bucket, Key, Body, ContentLength, ...type });
        await client.send(command, abortable(signal)).finally(() => Body.destroy());
      });
    },

    async get(Key, { signal } = {}) {
      const Body = await orAbsent(client.send(new GetObjectCommand({ Bucket, Key }), abortable(signal)));
      return await Body?.transformToByteArray();
    },

    async getFile(Key, path, { signal } = {}) {
      const Body = await orAbsent(client.send(new GetObjectCommand({ Bucket, Key }), abortable(signal)));
      if (Body === undefined) return false;
      // In Node the SDK's stream is one of Node's.
      await pipeline(Body as Readable, createWriteStream(path), signal === undefined ? {} : { signal });
      return true;
    },

    async list(Prefix, { signal } = {}) {
      const found: { key: string; sizeBytes: number }[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
          abortable(signal),
        );
        for (const { Key, Size } of page.Contents ?? [])
          if (Key !== undefined) found.push({ key: Key, sizeBytes: Size ?? 0 });
        ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (ContinuationToken !== undefined);
      return found;
    },

    async delete(keys, { signal } = {}) {
      for (let at = 0; at < keys.length; at += MAX_DELETES) {
        const Objects = keys.slice(at, at + MAX_DELETES).map((Key) => ({ Key }));
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
          abortable(signal),
        );
        const [first] = Errors;
        if (first !== undefined) throw new Error(`${Errors.length} objects were not deleted: ${first.Code}`);
      }
    },

    async retire(Key, { signal } = {}) {
      const Tagging = { TagSet: [SUPERSEDED] };
      await client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging }), abortable(signal));
    },
  };
}
