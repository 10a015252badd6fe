import type { AddressInfo } from 'node:net';
import { type BuildAppOptions, buildApp } from 'fauxqs';
import { createUploadSigner, isAsSigned, SIGNATURE_DOES_NOT_MATCH } from './check-upload.ts';

export interface LocalObjectStore {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  close(): Promise<void>;
}

type Stores = NonNullable<BuildAppOptions['stores']>;
type Persistence = NonNullable<Stores['s3Store']['persistence']> &
  NonNullable<Stores['sqsStore']['persistence']> & {
    load(sqs: Stores['sqsStore'], sns: Stores['snsStore'], s3: Stores['s3Store']): void;
    close(): void;
  };

const BUCKET = 'gateway';
const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * fauxqs persists only through `startFauxqs`, which binds every interface, so its parts are assembled here.
 * They are not its public entry, which is why its version is pinned exactly.
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
    PersistenceManager: new (folder: string) => Persistence;
  };
}

function openStores(
  parts: Awaited<ReturnType<typeof loadParts>>,
  persistence: Persistence | undefined,
): Stores {
  const stores = {
    s3Store: new parts.S3Store(),
    sqsStore: new parts.SqsStore(),
    snsStore: new parts.SnsStore(),
  };
  if (persistence === undefined) return stores;
  // Loads before the stores write through: otherwise what is loaded would be written again, and a queue
  // written again is emptied.
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.s3Store.persistence = persistence;
  stores.sqsStore.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  return stores;
}

/**
 * Serves the protocols of S3 and SQS on loopback: objects and messages are on disk where a folder is given,
 * else in memory. Uploads by signed URL are checked against what was signed.
 */
export async function startObjectStore(folder: string | undefined): Promise<LocalObjectStore> {
  const parts = await loadParts();
  const persistence = folder === undefined ? undefined : new parts.PersistenceManager(folder);
  const stores = openStores(parts, persistence);
  if (!stores.s3Store.hasBucket(BUCKET)) stores.s3Store.createBucket(BUCKET);
  const app = buildApp({ logger: false, stores });
  const signer = createUploadSigner(REGION, CREDENTIALS);
  // fauxqs checks no signatures and would accept uploads that S3 refuses.
  app.addHook('onRequest', async ({ raw }, reply) => {
    const { method = '', url = '', headers } = raw;
    if (await isAsSigned(signer, { method, url, headers })) return undefined;
    return reply.code(403).type('application/xml').send(SIGNATURE_DOES_NOT_MATCH);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    region: REGION,
    ...CREDENTIALS,
    close: async () => {
      await app.close();
      persistence?.close();
    },
  };
}
