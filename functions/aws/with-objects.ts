import { createBucketClient } from '../../shared/objects/bucket-client.ts';
import type { ObjectBucket } from '../../shared/objects/object-reader.ts';
import {
  type BucketOptions,
  NO_BUCKET,
  openBucket,
  openDownloads,
  openReads,
} from '../../shared/objects/open-bucket.ts';
import { type OpenService, refusing, type ServiceContext, type Services } from './services.ts';

const LIMITS = { attempts: 3, timeoutMs: 4_000 };

function openObjects(
  { env, credentials, now }: ServiceContext,
  open: (options: BucketOptions) => Partial<ObjectBucket>,
): Partial<Services> {
  const { S3_BUCKET: bucket, AWS_REGION: region, S3_ENDPOINT, AWS_ENDPOINT_URL } = env;
  if (bucket === undefined) return { objects: NO_BUCKET };
  const place = { region, endpoint: S3_ENDPOINT ?? AWS_ENDPOINT_URL, credentials };
  const client = createBucketClient(place, LIMITS);
  return { objects: { ...refusing('objects'), ...open({ client, bucket, now }) } };
}

export const withObjects: OpenService = (context) => openObjects(context, openBucket);
export const withObjectReads: OpenService = (context) => openObjects(context, openReads);
export const withDownloads: OpenService = (context) => openObjects(context, openDownloads);
