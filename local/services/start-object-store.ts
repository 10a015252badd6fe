import type { AddressInfo } from 'node:net';
import { type BuildAppOptions, buildApp } from 'fauxqs';

export interface LocalObjectStore {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  close(): Promise<void>;
}

type Stores = NonNullable<BuildAppOptions['stores']>;
type S3Persistence = NonNullable<Stores['s3Store']['persistence']> & {
  loadS3(store: Stores['s3Store']): void;
  close(): void;
};

const BUCKET = 'gateway';

/**
 * fauxqs persists only through `startFauxqs`, which binds every interface; so its parts are put together
 * here. They stand behind the package's front door, which is why its version is pinned exactly.
 */
async function loadParts() {
  const load = async (path: string) => {
    const url = new URL(path, import.meta.resolve('fauxqs'));
    return (await import(url.href)) as Record<string, unknown>;
  };
  const modules = await Promise.all(
    ['./s3/s3Store.js', './sqs/sqsStore.js', './sns/snsStore.js', './persistence.js'].map(load),
  );
  return Object.assign({}, ...modules) as {
    S3Store: new () => Stores['s3Store'];
    SqsStore: new () => Stores['sqsStore'];
    SnsStore: new () => Stores['snsStore'];
    PersistenceManager: new (folder: string) => S3Persistence;
  };
}

/** S3's and SQS's protocols on loopback: objects on disk where a folder is given, queues in memory. */
export async function startObjectStore(folder: string | undefined): Promise<LocalObjectStore> {
  const parts = await loadParts();
  const s3Store = new parts.S3Store();
  const persistence = folder === undefined ? undefined : new parts.PersistenceManager(folder);
  if (persistence !== undefined) {
    persistence.loadS3(s3Store);
    s3Store.persistence = persistence;
  }
  if (!s3Store.hasBucket(BUCKET)) s3Store.createBucket(BUCKET);
  const app = buildApp({
    logger: false,
    stores: { s3Store, sqsStore: new parts.SqsStore(), snsStore: new parts.SnsStore() },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    region: 'us-east-1',
    accessKeyId: 'local',
    secretAccessKey: 'local',
    close: async () => {
      await app.close();
      persistence?.close();
    },
  };
}
