/** The reading half of an object store: S3, MinIO, a folder. */
export interface ObjectReader {
  /** Every key with this prefix, in lexicographic order. */
  list(prefix: string, options?: { signal?: AbortSignal }): Promise<{ key: string; sizeBytes: number }[]>;
  /** `undefined` where there is no such object. */
  get(key: string, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined>;
}

export interface SignedGet {
  expiresS: number;
  /** The name under which a browser saves it. */
  filename?: string | undefined;
  mimetype?: string | undefined;
}

/** Binds the upload: S3 itself refuses another type or length than declared here. */
export interface SignedPut {
  expiresS: number;
  mimetype: string;
  sizeBytes: number;
}

/** A bucket as the control plane uses it: it reads, and signs what tenants fetch or upload themselves. */
export interface ObjectBucket extends ObjectReader {
  /**
   * With the time of the last write by the store's clock, in milliseconds since the epoch; 0 where unknown.
   */
  list(
    prefix: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ key: string; sizeBytes: number; modifiedAt: number }[]>;
  /** `undefined` where there is no such object. */
  head(
    key: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ sizeBytes: number; mimetype: string | undefined } | undefined>;
  signGet(key: string, signed: SignedGet): Promise<string>;
  signPut(key: string, signed: SignedPut): Promise<string>;
}
