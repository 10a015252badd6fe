import { isPrivateAddress, type RelayAnswer, RelayCall } from './relay-call.ts';

/** Shorter than the caller's own patience, so that the answer is ours. */
const TIMEOUT_MS = 26_000;
/** A Lambda answer holds 6 MB, and base64 makes four bytes of three. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** What a client of the worker API reads of the headers. */
const PASSED_ON = ['content-type', 'retry-after', 'x-request-id'];

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

async function readAtMost(response: Response, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response.body ?? []) {
    sizeBytes += part.length;
    if (sizeBytes > maxBytes) throw new Error(`the worker answered more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Carries one call out. Never throws: whatever fails is an answer too, and says whether it got there. */
export async function relayCallToWorker(event: unknown, send: typeof fetch = fetch): Promise<RelayAnswer> {
  const parsed = RelayCall.safeParse(event);
  if (!parsed.success || !isPrivateAddress(new URL(parsed.data.url).hostname))
    return { outcome: 'failed', code: 'ENOTFOUND', message: 'This is not the address of a worker.' };
  const { url, method, token, requestId, body } = parsed.data;
  try {
    const response = await send(url, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A worker never redirects; whoever does is none.
      redirect: 'error',
    });
    const headers = PASSED_ON.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    const answer = await readAtMost(response, MAX_ANSWER_BYTES);
    return {
      outcome: 'answered',
      status: response.status,
      headers: Object.fromEntries(headers),
      body: answer.toString('base64'),
    };
  } catch (error) {
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : 'the call failed';
    return { outcome: 'failed', message, ...(code === undefined ? {} : { code }) };
  }
}
