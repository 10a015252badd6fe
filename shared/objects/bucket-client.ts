import { S3Client } from '@aws-sdk/client-s3';
import { type AwsPlace, type CallLimits, clientSettings } from '../aws/client-settings.ts';

export interface BucketPlace extends AwsPlace {
  /** Where the bucket's name stands: in the path for an emulator, MinIO and others like it, else in the host. */
  forcePathStyle?: boolean;
}

/** S3, MinIO, or whatever speaks their protocol. One per process: it keeps its connections. */
export function createBucketClient(place: BucketPlace, limits: CallLimits): S3Client {
  return new S3Client({
    ...clientSettings(place, limits),
    forcePathStyle: place.forcePathStyle ?? place.endpoint !== undefined,
    // Checksums beyond S3's own are trailers, which not every S3-compatible store understands.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** The option with which a caller's signal ends a call. */
export const abortable = (signal: AbortSignal | undefined) =>
  signal === undefined ? {} : { abortSignal: signal };
