import { type Credentials, createSigner } from '../aws/create-signer.ts';
import { AppError } from '../errors/app-error.ts';
import { waitBackOff } from '../retry/back-off.ts';
import { parseListPage } from './list-page.ts';
import type { ObjectBucket, SignedGet, SignedPut } from './object-reader.ts';

export interface BucketOptions {
  bucket: string;
  region: string;
  /** Of an emulator, addressed path-style; AWS's own where absent. */
  endpoint?: string | undefined;
  /** Under which the bucket itself is reached, where it is not AWS's regional one. */
  host?: string;
  credentials: () => Promise<Credentials>;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
}

const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 4_000;
const BACK_OFF = { firstMs: 100, longestMs: 1_000 };
const PAYLOAD = 'x-amz-content-sha256';

type Query = Record<string, string>;

interface Call {
  method: 'GET' | 'HEAD' | 'PUT';
  key?: string | undefined;
  query?: Query;
  headers?: Record<string, string>;
}

/** S3 wants each part of a key encoded, and the slashes between them as they are. */
const encodeKey = (key: string) =>
  key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`),
    )
    .join('/');

const toUrl = (request: {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: unknown;
}) => {
  const url = new URL(`${request.protocol}//${request.hostname}${request.path}`);
  if (request.port !== undefined) url.port = String(request.port);
  const search = Object.entries((request.query ?? {}) as Query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  url.search = search;
  return url.href;
};

/** An attachment's name in ASCII and, beside it, in UTF-8 (RFC 6266). */
function attachment(filename: string): string {
  const plain = filename.replace(/[^\w. -]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename).replaceAll("'", '%27')}`;
}

const unavailable = (cause: unknown) =>
  new AppError(
    'STORAGE_UNAVAILABLE',
    'Stored messages and media cannot be reached just now. Try again shortly.',
    {
      cause,
    },
  );

/**
 * S3 over its REST API, signed by the SDK's own signer: the SDK's S3 client alone would weigh half of what a
 * Lambda bundle may. @throws AppError STORAGE_UNAVAILABLE from every call that does not get through
 */
export function openBucket(options: BucketOptions): ObjectBucket {
  const { bucket, region, endpoint, credentials, fetch = globalThis.fetch, now = Date.now } = options;
  const base = new URL(endpoint ?? `https://${options.host ?? `${bucket}.s3.${region}.amazonaws.com`}`);
  const root = endpoint === undefined ? '/' : `/${bucket}/`;
  const signer = createSigner({ credentials, region, service: 's3' });

  const describe = ({ method, key, query = {}, headers = {} }: Call) => ({
    method,
    protocol: base.protocol,
    hostname: base.hostname,
    ...(base.port === '' ? {} : { port: Number(base.port) }),
    path: key === undefined ? root : `${root}${encodeKey(key)}`,
    query,
    headers: { ...headers, host: base.host },
  });

  async function attempt(call: Call, signal: AbortSignal | undefined): Promise<Response> {
    const request = describe(call);
    const { host: _, ...headers } = (await signer.sign(request)).headers;
    const timeOut = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
    const response = await fetch(toUrl(request), {
      method: call.method,
      headers,
      signal: signal === undefined ? timeOut : AbortSignal.any([signal, timeOut]),
    });
    if (response.ok || response.status === 404) return response;
    await response.body?.cancel();
    throw new Error(`S3 answered ${response.status}`);
  }

  /** Only what can be repeated without harm is called at all; `undefined` for what is not there. */
  async function call<T>(
    what: Call,
    read: (response: Response) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    for (let failures = 0; ; failures += 1)
      try {
        const response = await attempt(what, signal);
        if (response.status !== 404) return await read(response);
        await response.body?.cancel();
        return undefined;
      } catch (thrown) {
        if (signal?.aborted || failures + 1 >= ATTEMPTS) throw unavailable(thrown);
        await waitBackOff(BACK_OFF, failures, signal).catch((ended: unknown) => {
          throw unavailable(ended);
        });
      }
  }

  async function presign(what: Call, expiresS: number): Promise<string> {
    const named = Object.keys(what.headers ?? {});
    const request = describe({ ...what, headers: { ...what.headers, [PAYLOAD]: 'UNSIGNED-PAYLOAD' } });
    const signed = await signer.presign(request, {
      expiresIn: expiresS,
      signingDate: new Date(now()),
      // Whoever uploads must send exactly the named headers; that its bytes are not signed, S3 takes for granted.
      unhoistableHeaders: new Set([...named, PAYLOAD]),
      unsignableHeaders: new Set([PAYLOAD]),
    });
    return toUrl(signed);
  }

  return {
    async list(prefix, { signal } = {}) {
      const found: { key: string; sizeBytes: number }[] = [];
      let next: string | undefined;
      do {
        const query: Query = { 'list-type': '2', 'encoding-type': 'url', prefix };
        if (next !== undefined) query['continuation-token'] = next;
        const xml = await call({ method: 'GET', query }, (response) => response.text(), signal);
        if (xml === undefined) throw unavailable(new Error('the bucket is not there'));
        const page = parseListPage(xml);
        found.push(...page.found);
        ({ next } = page);
      } while (next !== undefined);
      return found;
    },

    get(key, { signal } = {}) {
      return call(
        { method: 'GET', key },
        async (response) => new Uint8Array(await response.arrayBuffer()),
        signal,
      );
    },

    head(key, { signal } = {}) {
      const read = async ({ headers }: Response) => ({
        sizeBytes: Number(headers.get('content-length') ?? 0),
        mimetype: headers.get('content-type') ?? undefined,
      });
      return call({ method: 'HEAD', key }, read, signal);
    },

    signGet(key, { expiresS, filename, mimetype }: SignedGet) {
      const query: Query = {};
      if (filename !== undefined) query['response-content-disposition'] = attachment(filename);
      if (mimetype !== undefined) query['response-content-type'] = mimetype;
      return presign({ method: 'GET', key, query }, expiresS);
    },

    signPut(key, { expiresS, mimetype, sizeBytes }: SignedPut) {
      const headers = { 'content-type': mimetype, 'content-length': String(sizeBytes) };
      return presign({ method: 'PUT', key, headers }, expiresS);
    },
  };
}

const nowhere = async (): Promise<never> => {
  throw new AppError('STORAGE_UNAVAILABLE', 'No bucket is set up here: set S3_BUCKET for history and media.');
};

/** For a process that was told of no bucket. */
export const NO_BUCKET: ObjectBucket = {
  list: nowhere,
  get: nowhere,
  head: nowhere,
  signGet: nowhere,
  signPut: nowhere,
};
