import { type Credentials, createSigner } from '../aws/create-signer.ts';
import { type CallInit, describeRequest, signedFetch, urlOf } from '../aws/signed-fetch.ts';
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

/** What `encodeURIComponent` leaves as it is, and AWS does not. */
const encodeSign = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
const encodePart = (part: string) => encodeURIComponent(part).replace(/[!'()*]/g, encodeSign);
/** Slashes stay. */
const encodeKey = (key: string) => key.split('/').map(encodePart).join('/');

/** An attachment's name in ASCII and, beside it, in UTF-8 (RFC 6266). */
const attachment = (filename: string) =>
  `attachment; filename="${filename.replace(/[^\w. -]/g, '_')}"; filename*=UTF-8''${encodePart(filename)}`;

const unavailable = (cause: unknown) =>
  new AppError(
    'STORAGE_UNAVAILABLE',
    'Stored messages and media cannot be reached just now. Try again shortly.',
    { cause },
  );

/**
 * S3 over its REST API, signed by the SDK's own signer: the SDK's S3 client alone would weigh half of what a
 * Lambda bundle may. @throws AppError STORAGE_UNAVAILABLE from every call that does not get through
 */
export function openBucket(options: BucketOptions): ObjectBucket {
  const { bucket, region, endpoint, credentials, fetch = globalThis.fetch, now = Date.now } = options;
  const root = new URL(
    endpoint === undefined
      ? `https://${options.host ?? `${bucket}.s3.${region}.amazonaws.com`}/`
      : `${endpoint.replace(/\/+$/, '')}/${bucket}/`,
  );
  const signer = createSigner({ credentials, region, service: 's3' });
  const urlOfKey = (key: string) => new URL(`${root.href}${encodeKey(key)}`);

  async function attempt(url: URL, init: CallInit, caller: AbortSignal | undefined): Promise<Response> {
    const timeOut = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
    const signal = caller === undefined ? timeOut : AbortSignal.any([caller, timeOut]);
    const response = await signedFetch(url, init, { signer, signal, fetch });
    if (response.ok || response.status === 404) return response;
    await response.body?.cancel();
    throw new Error(`S3 answered ${response.status}`);
  }

  /** Only what can be repeated without harm is called at all; `undefined` for what is not there. */
  async function call<T>(
    url: URL,
    init: CallInit,
    read: (response: Response) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    for (let failures = 0; ; failures += 1)
      try {
        const response = await attempt(url, init, signal);
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

  async function presign(key: string, init: CallInit, expiresS: number): Promise<string> {
    const named = Object.keys(init.headers ?? {});
    const headers = { ...init.headers, [PAYLOAD]: 'UNSIGNED-PAYLOAD' };
    const signed = await signer.presign(describeRequest(urlOfKey(key), { ...init, headers }), {
      expiresIn: expiresS,
      signingDate: new Date(now()),
      // Whoever uploads must send exactly the named headers; that its bytes are not signed, S3 takes for granted.
      unhoistableHeaders: new Set([...named, PAYLOAD]),
      unsignableHeaders: new Set([PAYLOAD]),
    });
    return urlOf(signed);
  }

  return {
    async list(prefix, { signal } = {}) {
      const found: { key: string; sizeBytes: number; modifiedAt: number }[] = [];
      let next: string | undefined;
      do {
        const query: Record<string, string> = { 'list-type': '2', 'encoding-type': 'url', prefix };
        if (next !== undefined) query['continuation-token'] = next;
        const xml = await call(root, { method: 'GET', query }, (response) => response.text(), signal);
        if (xml === undefined) throw unavailable(new Error('the bucket is not there'));
        const page = parseListPage(xml);
        found.push(...page.found);
        ({ next } = page);
      } while (next !== undefined);
      return found;
    },

    get(key, { signal } = {}) {
      const read = async (response: Response) => new Uint8Array(await response.arrayBuffer());
      return call(urlOfKey(key), { method: 'GET' }, read, signal);
    },

    head(key, { signal } = {}) {
      const read = async ({ headers }: Response) => ({
        sizeBytes: Number(headers.get('content-length') ?? 0),
        mimetype: headers.get('content-type') ?? undefined,
      });
      return call(urlOfKey(key), { method: 'HEAD' }, read, signal);
    },

    signGet(key, { expiresS, filename, mimetype }: SignedGet) {
      const query: Record<string, string> = {};
      if (filename !== undefined) query['response-content-disposition'] = attachment(filename);
      if (mimetype !== undefined) query['response-content-type'] = mimetype;
      return presign(key, { method: 'GET', query }, expiresS);
    },

    signPut(key, { expiresS, mimetype, sizeBytes }: SignedPut) {
      const headers = { 'content-type': mimetype, 'content-length': String(sizeBytes) };
      return presign(key, { method: 'PUT', headers }, expiresS);
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
