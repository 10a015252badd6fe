import type { LocalObjectStore } from '../../local/services/start-object-store.ts';
import { createBucketClient } from '../../shared/objects/bucket-client.ts';
import type { ObjectBucket } from '../../shared/objects/object-reader.ts';
import { type BucketOptions, openBucket } from '../../shared/objects/open-bucket.ts';

const LIMITS = { attempts: 3, timeoutMs: 20_000 };

export function bucketClientOf({ endpoint, region, accessKeyId, secretAccessKey }: LocalObjectStore) {
  const credentials = async () => ({ accessKeyId, secretAccessKey });
  return createBucketClient({ endpoint, region, credentials }, LIMITS);
}

/** The bucket of an object store on this machine, as the control plane uses it. */
export const bucketOf = (store: LocalObjectStore, options: Partial<BucketOptions> = {}): ObjectBucket =>
  openBucket({ client: bucketClientOf(store), bucket: store.bucket, ...options });
