import { readFile, writeFile } from 'node:fs/promises';
import type { LocalObjectStore } from '../services/start-object-store.ts';

/** The WhatsApp server of the workers; undefined for the real one. */
export interface WhatsAppServer {
  url: string;
  noiseRootHex: string | undefined;
}

export interface WorkerSurroundings {
  /** What a process needs of this machine. */
  inherited: Readonly<Record<string, string>>;
  backendUrl: string;
  workerToken: string;
  objects: LocalObjectStore;
  whatsapp: WhatsAppServer | undefined;
  whatsappVersion: string | undefined;
  /** A file of certificates to trust beside the usual ones. */
  caCertsPath: string | undefined;
  logLevel: string;
  version: string;
}

/** The environment of a worker process, without its id and port. */
export function workerEnvironment(around: WorkerSurroundings): Record<string, string> {
  const optional = {
    WHATSAPP_WS_URL: around.whatsapp?.url,
    WHATSAPP_NOISE_ROOT: around.whatsapp?.noiseRootHex,
    // WhatsApp refuses old versions; our own server takes any, so nothing outside is asked.
    WHATSAPP_VERSION: around.whatsappVersion ?? (around.whatsapp === undefined ? 'auto' : undefined),
    NODE_EXTRA_CA_CERTS: around.caCertsPath,
  };
  const given = Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...around.inherited,
    BACKEND_URL: around.backendUrl,
    WORKER_AUTH_TOKEN: around.workerToken,
    WORKER_ENVIRONMENT: 'DEVELOPMENT',
    WORKER_VERSION: around.version,
    S3_BUCKET: around.objects.bucket,
    S3_ENDPOINT: around.objects.endpoint,
    S3_REGION: around.objects.region,
    S3_ACCESS_KEY_ID: around.objects.accessKeyId,
    S3_SECRET_ACCESS_KEY: around.objects.secretAccessKey,
    LOG_LEVEL: around.logLevel,
    ...Object.fromEntries(given),
  };
}

/** Node takes one file of additional certificates, so several are joined in `target`. */
export async function joinCertificates(
  paths: readonly string[],
  target: string,
): Promise<string | undefined> {
  if (paths.length <= 1) return paths[0];
  const parts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  await writeFile(target, parts.map((part) => part.trimEnd()).join('\n'));
  return target;
}
