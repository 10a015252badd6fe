import { isIP } from 'node:net';
import * as z from 'zod';
import { caseless, Slug } from '../shared/text/slug.ts';
import { ENVIRONMENTS, Endpoint, type Environment } from '../shared/workers/schema.ts';
import type { ObjectStoreSettings } from './storage/open-object-store.ts';

/** The names of each setting: its own first, then its aliases. */
const NAMES = {
  WORKER_ID: [],
  WORKER_PORT: ['PORT'],
  WORKER_HOST: [],
  WORKER_ENDPOINT: [],
  WORKER_MAX_SESSIONS: ['MAX_SESSIONS'],
  WORKER_VERSION: [],
  WORKER_ENVIRONMENT: ['NODE_ENV'],
  WORKER_AUTH_TOKEN: ['BACKEND_AUTH_TOKEN'],
  WORKER_AUTH_TOKEN_PREVIOUS: [],
  BACKEND_URL: [],
  S3_BUCKET: ['MINIO_BUCKET_NAME'],
  S3_ENDPOINT: ['MINIO_ENDPOINT'],
  S3_REGION: ['AWS_REGION'],
  S3_ACCESS_KEY_ID: ['MINIO_ACCESS_KEY'],
  S3_SECRET_ACCESS_KEY: ['MINIO_SECRET_KEY'],
  S3_FORCE_PATH_STYLE: [],
  MINIO_USE_SSL: [],
  SESSION_STORAGE_PATH: [],
  MEDIA_STORAGE_PATH: [],
  LOG_LEVEL: [],
  STANDALONE_MODE: [],
  MOCK_BACKEND_RESPONSES: [],
  WHATSAPP_WS_URL: [],
  WHATSAPP_NOISE_ROOT: [],
  WHATSAPP_VERSION: [],
  ALLOW_CUSTOM_WHATSAPP_SERVER: [],
  ECS_CONTAINER_METADATA_URI_V4: [],
  ECS_AGENT_URI: [],
} as const satisfies Record<string, readonly string[]>;
type Name = keyof typeof NAMES;

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'use a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `use ${least} or more`).max(most, `use at most ${most}`));

const FLAGS = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);
const flag = z
  .string()
  .transform((text) => FLAGS.get(text.toLowerCase()))
  .pipe(z.boolean({ error: () => 'use true or false' }));

const url = (protocols: RegExp, example: string) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.test(new URL(text).protocol),
      `use a URL such as ${example}`,
    );

/** A comma-separated list, as in the control plane: the first is sent, all are accepted during rotation. */
const Tokens = z
  .string({ error: () => 'set the token that the control plane uses' })
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.tuple([z.string()], z.string()).check(z.maxLength(3, 'name at most three tokens')));

/** `NODE_ENV=test` is what test runners set. */
const EnvironmentName = z.preprocess(
  (text) => (typeof text === 'string' && text.toLowerCase() === 'test' ? 'TESTING' : text),
  caseless(ENVIRONMENTS),
);

const Version = z
  .string()
  .regex(/^(auto|\d+[.,]\d+[.,]\d+)$/, 'use auto, or three numbers such as 2.3000.1030000000')
  .transform((text) => (text === 'auto' ? ('auto' as const) : toVersion(text)));

function toVersion(text: string): [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = text.split(/[.,]/).map(Number);
  return [major, minor, patch];
}

const Settings = z.object({
  WORKER_ID: Slug.optional(),
  WORKER_PORT: wholeNumber(0, 65_535).default(8001),
  WORKER_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0, 'use an IP address such as 127.0.0.1 or 0.0.0.0')
    .optional(),
  WORKER_ENDPOINT: Endpoint.optional(),
  WORKER_MAX_SESSIONS: wholeNumber(1, 10_000).default(50),
  WORKER_VERSION: z.string().max(64).default('0.1.0'),
  WORKER_ENVIRONMENT: EnvironmentName.default('DEVELOPMENT'),
  WORKER_AUTH_TOKEN: Tokens,
  WORKER_AUTH_TOKEN_PREVIOUS: z.string().optional(),
  BACKEND_URL: url(/^https?:$/, 'http://127.0.0.1:8000').optional(),
  S3_BUCKET: z.string().optional(),
  S3_ENDPOINT: z.string().optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  S3_FORCE_PATH_STYLE: flag.optional(),
  MINIO_USE_SSL: flag.optional(),
  SESSION_STORAGE_PATH: z.string().default('./sessions'),
  MEDIA_STORAGE_PATH: z.string().default('./media'),
  LOG_LEVEL: caseless(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  STANDALONE_MODE: flag.default(false),
  MOCK_BACKEND_RESPONSES: flag.default(false),
  WHATSAPP_WS_URL: url(/^wss?:$/, 'wss://127.0.0.1:8443').optional(),
  WHATSAPP_NOISE_ROOT: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'use a public key of 32 bytes in hex')
    .optional(),
  WHATSAPP_VERSION: Version.optional(),
  ALLOW_CUSTOM_WHATSAPP_SERVER: flag.default(false),
  ECS_CONTAINER_METADATA_URI_V4: url(/^http:$/, 'http://169.254.170.2/v4/…').optional(),
  ECS_AGENT_URI: url(/^http:$/, 'http://169.254.170.2/api/…').optional(),
});
type Settings = z.output<typeof Settings>;

type Given = Partial<Record<Name, string>>;

const isOn = (text: string | undefined) => FLAGS.get(text?.toLowerCase() ?? '') === true;

/** Finds contradictions between settings from the text itself, so that one message can list everything. */
function* contradictions(given: Given): Generator<[Name, string]> {
  const production = given.WORKER_ENVIRONMENT?.toLowerCase() === 'production';
  if (given.BACKEND_URL === undefined && !isOn(given.STANDALONE_MODE))
    yield ['BACKEND_URL', 'set the control plane’s address, or STANDALONE_MODE=true to run without one'];
  const tokens = given.WORKER_AUTH_TOKEN?.split(',') ?? [];
  if (production && tokens.some((token) => token.trim().length < 16))
    yield ['WORKER_AUTH_TOKEN', 'use at least 16 characters in production'];
  if ((given.S3_ACCESS_KEY_ID === undefined) !== (given.S3_SECRET_ACCESS_KEY === undefined))
    yield ['S3_ACCESS_KEY_ID', 'set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY together, or neither'];
  if (given.S3_ENDPOINT !== undefined && !URL.canParse(s3Endpoint(given.S3_ENDPOINT, false)))
    yield ['S3_ENDPOINT', 'use a URL such as http://127.0.0.1:9000'];
  const custom = given.WHATSAPP_WS_URL !== undefined || given.WHATSAPP_NOISE_ROOT !== undefined;
  if (custom && production && !isOn(given.ALLOW_CUSTOM_WHATSAPP_SERVER))
    yield [
      'WHATSAPP_WS_URL',
      'a production worker talks to WhatsApp itself; set ALLOW_CUSTOM_WHATSAPP_SERVER=true if this is meant',
    ];
}

/** `host:port`, as MinIO's own variable has it, or a URL. */
function s3Endpoint(text: string, useSsl: boolean | undefined): string {
  return text.includes('://') ? text : `${useSsl === true ? 'https' : 'http'}://${text}`;
}

function readStorage(settings: Settings): ObjectStoreSettings {
  if (settings.S3_BUCKET === undefined)
    return {
      kind: 'folder',
      sessionPath: settings.SESSION_STORAGE_PATH,
      mediaPath: settings.MEDIA_STORAGE_PATH,
    };
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  const endpoint =
    settings.S3_ENDPOINT === undefined ? undefined : s3Endpoint(settings.S3_ENDPOINT, settings.MINIO_USE_SSL);
  return {
    kind: 's3',
    bucket: settings.S3_BUCKET,
    region: settings.S3_REGION,
    endpoint,
    forcePathStyle: settings.S3_FORCE_PATH_STYLE ?? endpoint !== undefined,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey },
  };
}

/**
 * Flags of Node under which a worker is run: the image, `npm run worker` and the local runtime name the same ones. V8
 * would let the heap of a busy worker grow to several times of what is alive in it, and never give it back while
 * nothing happens (`bench/worker-memory.ts` measures both).
 */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'] as const;

/** The settings of a worker, read once at start. */
export interface WorkerEnv {
  /** Undefined takes the ECS task's id or the host's name. */
  workerId: string | undefined;
  /** 0 takes any free port. */
  port: number;
  /** Undefined listens on loopback, unless the endpoint or an ECS task says that others must reach it. */
  host: string | undefined;
  /** Undefined takes the ECS task's private address, else the address listened on. */
  endpoint: string | undefined;
  maxSessions: number;
  version: string;
  environment: Environment;
  /** Accepted from callers; the first is sent to the control plane. */
  tokens: readonly [string, ...string[]];
  /** Undefined in stand-alone mode, without registration and callbacks. */
  backendUrl: string | undefined;
  storage: ObjectStoreSettings;
  logLevel: string;
  whatsapp: {
    url: string | undefined;
    noiseRootHex: string | undefined;
    /** Undefined takes the pinned version. */
    version: 'auto' | [number, number, number] | undefined;
  };
  ecsMetadataUrl: string | undefined;
  /** Undefined outside ECS. */
  ecsAgentUrl: string | undefined;
}

/** The environment cannot be used; the message lists every problem, one per line, and no value. */
export class WorkerEnvError extends Error {
  override readonly name = 'WorkerEnvError';
}

/**
 * Reads settings with all their aliases.
 * @throws WorkerEnvError
 */
export function parseWorkerEnv(source: Readonly<Record<string, string | undefined>>): WorkerEnv {
  const given: Given = {};
  const usedName = new Map<string, string>();
  for (const [name, aliases] of Object.entries(NAMES) as [Name, readonly string[]][]) {
    const used = [name, ...aliases].find((candidate) => (source[candidate]?.trim() ?? '') !== '');
    if (used === undefined) continue;
    given[name] = source[used]?.trim() ?? '';
    usedName.set(name, used);
  }
  const parsed = Settings.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => [String(path[0]), message] as const),
    ...contradictions(given),
  ].map(([name, message]) => `  ${usedName.get(name) ?? name}: ${message}`);
  if (!parsed.success || problems.length > 0)
    throw new WorkerEnvError(
      `The worker's environment needs attention:\n${[...new Set(problems)].join('\n')}`,
    );
  return toWorkerEnv(parsed.data);
}

function toWorkerEnv(settings: Settings): WorkerEnv {
  const previous = settings.WORKER_AUTH_TOKEN_PREVIOUS;
  return {
    workerId: settings.WORKER_ID,
    port: settings.WORKER_PORT,
    host: settings.WORKER_HOST,
    endpoint: settings.WORKER_ENDPOINT,
    maxSessions: settings.WORKER_MAX_SESSIONS,
    version: settings.WORKER_VERSION,
    environment: settings.WORKER_ENVIRONMENT,
    tokens: previous === undefined ? settings.WORKER_AUTH_TOKEN : [...settings.WORKER_AUTH_TOKEN, previous],
    backendUrl: settings.STANDALONE_MODE ? undefined : settings.BACKEND_URL,
    storage: readStorage(settings),
    logLevel: settings.LOG_LEVEL,
    whatsapp: {
      url: settings.WHATSAPP_WS_URL,
      noiseRootHex: settings.WHATSAPP_NOISE_ROOT,
      version: settings.WHATSAPP_VERSION,
    },
    ecsMetadataUrl: settings.ECS_CONTAINER_METADATA_URI_V4,
    ecsAgentUrl: settings.ECS_AGENT_URI,
  };
}

/** The environment of this process. @throws WorkerEnvError listing every problem */
export const readWorkerEnv = (): WorkerEnv => parseWorkerEnv(process.env);
