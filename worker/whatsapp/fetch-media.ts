import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { AppError } from '../../shared/errors/app-error.ts';
import {
  checkHost,
  type Resolve,
  type ResolvedAddress,
  resolveAll,
} from '../../shared/outbound/check-address.ts';

export interface FetchMediaOptions {
  maxBytes: number;
  timeoutMs: number;
  /** Outside production only: private addresses may be fetched from. */
  allowPrivate: boolean;
  resolve?: Resolve;
}

export interface FetchedMedia {
  bytes: Buffer;
  mimetype: string | undefined;
  /** From the URL's last segment, where it looks like a file's name. */
  filename: string | undefined;
}

const MAX_REDIRECTS = 4;
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w-]+=[^;,]+)*)(;base64)?,/;

/** @throws AppError MEDIA_UNAVAILABLE, PAYLOAD_TOO_LARGE; the sentence names no address and no content. */
export async function fetchMedia(url: string, options: FetchMediaOptions): Promise<FetchedMedia> {
  if (url.startsWith('data:')) return readDataUrl(url, options.maxBytes);
  const signal = AbortSignal.timeout(options.timeoutMs);
  try {
    return await fetchRemote(new URL(url), options, signal, 0);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (signal.aborted) throw unavailable('The media’s server took too long to answer.', error);
    throw unavailable('The media could not be fetched: its server cannot be reached.', error);
  }
}

function readDataUrl(url: string, maxBytes: number): FetchedMedia {
  const match = DATA_URL.exec(url);
  if (match === null) throw unavailable('The media’s data: URL is not valid.');
  const payload = url.slice(match[0].length);
  const bytes = match[3] ? Buffer.from(payload, 'base64') : Buffer.from(decodeURIComponent(payload));
  if (bytes.length === 0) throw unavailable('The media is empty.');
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  return { bytes, mimetype: match[1], filename: undefined };
}

async function fetchRemote(
  url: URL,
  options: FetchMediaOptions,
  signal: AbortSignal,
  redirects: number,
): Promise<FetchedMedia> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw unavailable('Media is fetched over http(s) only.');
  const { resolve = resolveAll, allowPrivate } = options;
  const addresses = await withAbort(checkHost(url.hostname, resolve, allowPrivate), signal);
  if (addresses === undefined)
    throw unavailable('The media’s URL leads to a private or unknown address, which is not allowed.');
  const response = await get(url, addresses, signal);
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400 && response.headers.location !== undefined) {
    response.destroy();
    if (redirects >= MAX_REDIRECTS) throw unavailable('The media’s URL redirects too often.');
    return fetchRemote(new URL(response.headers.location, url), options, signal, redirects + 1);
  }
  if (status !== 200) {
    response.destroy();
    throw unavailable(`The media’s server answered with status ${status}.`);
  }
  const bytes = await readBounded(response, options.maxBytes, signal);
  const mimetype = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return { bytes, mimetype: mimetype || undefined, filename: nameInUrl(url) };
}

/** Connects to the very addresses that were checked: a second DNS answer cannot lead elsewhere. */
function get(url: URL, addresses: ResolvedAddress[], signal: AbortSignal): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, addresses);
    else if (first !== undefined) callback(null, first.address, first.family);
  };
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'whatsapp-gateway' };
    // No agent: a pooled connection might have been opened for another answer.
    const outgoing = request(url, { lookup, signal, agent: false, headers }, resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function readBounded(
  response: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const declared = Number(response.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    if (declared > maxBytes) throw tooLarge(maxBytes);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  if (sizeBytes === 0) throw unavailable('The media is empty.');
  return Buffer.concat(chunks);
}

function withAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function nameInUrl(url: URL): string | undefined {
  const last = url.pathname.split('/').pop() ?? '';
  if (!/\.[A-Za-z0-9]{1,8}$/.test(last)) return undefined;
  try {
    return decodeURIComponent(last).slice(0, 255);
  } catch {
    return last.slice(0, 255);
  }
}

const unavailable = (sentence: string, cause?: unknown) =>
  new AppError('MEDIA_UNAVAILABLE', sentence, cause === undefined ? {} : { cause });

const tooLarge = (maxBytes: number) =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    `The media is larger than ${Math.floor(maxBytes / 1_048_576)} MiB, the most that is sent.`,
  );
