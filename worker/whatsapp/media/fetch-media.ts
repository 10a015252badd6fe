import { AppError } from '../../../shared/errors/app-error.ts';
import { createGuardedFetch, type GuardedFetch } from '../../../shared/outbound/guarded-request.ts';

export interface FetchMediaOptions {
  maxBytes: number;
  /** For all hops together. */
  timeoutMs: number;
  /** Outside production only: private addresses may be fetched from. */
  allowPrivate: boolean;
  /** The guard through which every hop goes. */
  fetch?: GuardedFetch;
}

export interface FetchedMedia {
  bytes: Buffer;
  mimetype: string | undefined;
  /** From the URL's last segment, where it looks like a file's name. */
  filename: string | undefined;
}

const MAX_REDIRECTS = 4;
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w-]+=[^;,]+)*)(;base64)?,/;
const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'whatsapp-gateway' };

/** @throws AppError MEDIA_UNAVAILABLE, PAYLOAD_TOO_LARGE; the sentence names no address and no content. */
export async function fetchMedia(url: string, options: FetchMediaOptions): Promise<FetchedMedia> {
  if (url.startsWith('data:')) return readDataUrl(url, options.maxBytes);
  const { allowPrivate } = options;
  const guarded = options.fetch ?? createGuardedFetch({ policy: { allowHttp: true, allowPrivate } });
  return follow(new URL(url), options, guarded, Date.now() + options.timeoutMs);
}

/** Each hop is checked like the first: the guard itself follows nothing. */
async function follow(
  start: URL,
  { maxBytes }: FetchMediaOptions,
  guarded: GuardedFetch,
  deadline: number,
): Promise<FetchedMedia> {
  let url = start;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const timeoutMs = Math.max(1, deadline - Date.now());
    // One byte more than allowed tells a file that is too large from one that fits exactly.
    const answer = await guarded({
      method: 'GET',
      url: url.href,
      headers: HEADERS,
      timeoutMs,
      maxResponseBytes: maxBytes + 1,
    });
    if (answer.outcome === 'timeout') throw unavailable('Its server took too long to answer.');
    if (answer.outcome !== 'answered') throw unavailable(answer.reason);
    const { status, headers, body } = answer;
    const { location } = headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      if (!URL.canParse(location, url.href)) throw unavailable('Its server redirects to no valid URL.');
      url = new URL(location, url);
      continue;
    }
    if (status !== 200) throw unavailable(`Its server answered with status ${status}.`);
    checkSize(body, maxBytes);
    const mimetype = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    return { bytes: body, mimetype: mimetype || undefined, filename: nameInUrl(url) };
  }
  throw unavailable('Its URL redirects too often.');
}

function readDataUrl(url: string, maxBytes: number): FetchedMedia {
  const match = DATA_URL.exec(url);
  if (match === null) throw unavailable('Its data: URL is not valid.');
  const payload = url.slice(match[0].length);
  const bytes = match[3] ? Buffer.from(payload, 'base64') : Buffer.from(decodeURIComponent(payload));
  checkSize(bytes, maxBytes);
  return { bytes, mimetype: match[1], filename: undefined };
}

function checkSize({ length }: Buffer, maxBytes: number): void {
  if (length === 0) throw unavailable('It is empty.');
  if (length > maxBytes)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The media is larger than ${Math.floor(maxBytes / 1_048_576)} MiB, the most that is sent.`,
    );
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

const unavailable = (reason: string) =>
  new AppError('MEDIA_UNAVAILABLE', `The media could not be fetched. ${reason}`);
