import { isPrivateAddress, type RelayAnswer, RelayCall } from './relay-call.ts';

/** Shorter than the caller's time-out, so that the answer is ours. */
const TIMEOUT_MS = 26_000;
/** Lambda allows an answer of 6 MB, and base64 turns three bytes into four. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** The headers that clients of the worker API read. */
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

/** Carries out one call. It never throws: a failure is an answer too, and says whether the call got there. */
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
      // A worker never redirects, so anything that does is not a worker.
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
