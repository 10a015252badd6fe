import type { IncomingMessage } from 'node:http';

/** Reads the whole body, or returns `too-large` as soon as that is certain, without reading the rest. */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array | 'too-large'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return 'too-large';
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  // The request stays open, so that the refusal can still be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
