import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createGuardedRead, type GuardedRead } from '../../../shared/outbound/guarded-request.ts';
import type { FileOnDisk } from '../../storage/temporary-file.ts';
import { createTemporaryFile } from '../../storage/temporary-file.ts';
import type { MediaContent } from './preview-media.ts';

export interface FetchMediaOptions {
  maxBytes: number;
  /** For all hops together. */
  timeoutMs: number;
  /** Outside production only: private addresses may be fetched from. */
  allowPrivate: boolean;
  /** Asked for room before anything of a file is read; what it throws is thrown. */
  reserve: (sizeBytes: number) => Promise<void>;
  /** The guard through which every hop goes. */
  read?: GuardedRead;
}

export interface FetchedMedia {
  content: MediaContent;
  mimetype: string | undefined;
  /** From the URL's last segment, where it looks like a file's name. */
  filename: string | undefined;
}

type Hop = { location: string } | FetchedMedia;

const MAX_REDIRECTS = 4;
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w-]+=[^;,]+)*)(;base64)?,/;
const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'whatsapp-gateway' };

/**
 * The file under a URL, on disk; of a `data:` URL, in memory.
 * @throws AppError MEDIA_UNAVAILABLE, PAYLOAD_TOO_LARGE; the sentence names no address and no content.
 */
export async function fetchMedia(url: string, options: FetchMediaOptions): Promise<FetchedMedia> {
  if (url.startsWith('data:')) return readDataUrl(url, options.maxBytes);
  const { allowPrivate } = options;
  const read = options.read ?? createGuardedRead({ policy: { allowHttp: true, allowPrivate } });
  return follow(new URL(url), options, read, Date.now() + options.timeoutMs);
}

/** Each hop is checked like the first: the guard itself follows nothing. */
async function follow(
  start: URL,
  options: FetchMediaOptions,
  read: GuardedRead,
  deadline: number,
): Promise<FetchedMedia> {
  let url = start;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const timeoutMs = Math.max(1, deadline - Date.now());
    const answer = await read(
      { method: 'GET', url: url.href, headers: HEADERS, timeoutMs },
      (response): Promise<Hop> => takeHop(url, response, options),
    );
    if (answer.outcome === 'timeout') throw unavailable('Its server took too long to answer.');
    if (answer.outcome !== 'answered') throw unavailable(answer.reason);
    if ('content' in answer.value) return answer.value;
    const { location } = answer.value;
    if (!URL.canParse(location, url.href)) throw unavailable('Its server redirects to no valid URL.');
    url = new URL(location, url);
  }
  throw unavailable('Its URL redirects too often.');
}

async function takeHop(
  url: URL,
  { status, headers, body }: Parameters<Parameters<GuardedRead>[1]>[0],
  { maxBytes, reserve }: FetchMediaOptions,
): Promise<Hop> {
  const { location } = headers;
  if (status >= 300 && status < 400 && location !== undefined) return { location };
  if (status !== 200) throw unavailable(`Its server answered with status ${status}.`);
  const declared = Number(headers['content-length'] ?? Number.NaN);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  await reserve(Number.isNaN(declared) ? maxBytes : declared);
  const content = await writeDown(body, maxBytes);
  const mimetype = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return { content, mimetype: mimetype || undefined, filename: nameInUrl(url) };
}

async function writeDown(body: AsyncIterable<Buffer>, maxBytes: number): Promise<FileOnDisk> {
  const file = await createTemporaryFile();
  let sizeBytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  };
  try {
    await pipeline(body, counted, createWriteStream(file.path));
    if (sizeBytes === 0) throw unavailable('It is empty.');
    return { ...file, sizeBytes };
  } catch (error) {
    file.remove();
    throw error;
  }
}

function readDataUrl(url: string, maxBytes: number): FetchedMedia {
  const match = DATA_URL.exec(url);
  if (match === null) throw unavailable('Its data: URL is not valid.');
  const payload = url.slice(match[0].length);
  const content = match[3] ? Buffer.from(payload, 'base64') : Buffer.from(decodeURIComponent(payload));
  if (content.length === 0) throw unavailable('It is empty.');
  if (content.length > maxBytes) throw tooLarge(maxBytes);
  return { content, mimetype: match[1], filename: undefined };
}

const tooLarge = (maxBytes: number) =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    `The media is larger than ${Math.floor(maxBytes / 1_048_576)} MiB, the most that is sent.`,
  );

function nameInUrl(url: URL): string | undefined {
  const last = url.pathname.split('/').pop() ?? '';
  if (!/\.[A-Za-z0-9]{1,8}$/.test(last)) return undefined;
  try {
    return decodeURIComponent(last).slice(0, 255);
  } catch {
    return last.slice(0, 255);
  }
}

const unavailable = (reason: string) =>
  new AppError('MEDIA_UNAVAILABLE', `The media could not be fetched. ${reason}`);
