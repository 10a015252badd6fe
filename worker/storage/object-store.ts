/** What the worker needs of S3, MinIO or a folder: PUT, GET, LIST and DELETE, and tags where they exist. */
export interface ObjectStore {
  /** Resolves once the object is durable. */
  put(key: string, body: Uint8Array, options?: { contentType?: string; signal?: AbortSignal }): Promise<void>;
  /** As `put`, of a file that is read while it is sent. */
  putFile(key: string, path: string, options?: { contentType?: string; signal?: AbortSignal }): Promise<void>;
  /** Into the file at `path`, while it comes; false where there is no such object. */
  getFile(key: string, path: string, options?: { signal?: AbortSignal }): Promise<boolean>;
  /** `undefined` where there is no such object. */
  get(key: string, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  /** Every key with this prefix, in lexicographic order. */
  list(prefix: string, options?: { signal?: AbortSignal }): Promise<{ key: string; sizeBytes: number }[]>;
  /** Absent keys are no error. */
  delete(keys: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Marks an object as no longer needed: the bucket's lifecycle rule removes it after some days, in which a
   * person can still go back to it. Without such rules it is deleted.
   */
  retire(key: string, options?: { signal?: AbortSignal }): Promise<void>;
}
