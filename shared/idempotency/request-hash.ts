import { createHash } from 'node:crypto';

/** Objects with their keys in order: the same request written differently is the same request. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]));
}

function parseBody(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? 'null');
  } catch {
    return body;
  }
}

export interface HashedRequest {
  params: Readonly<Record<string, string>>;
  /** As it was sent. */
  body: string | undefined;
  /** What else decides about the answer, such as the session that a key stands for. */
  scope?: string | undefined;
}

/** Tells whether two requests with one key are one request. */
export function hashRequest({ params, body, scope }: HashedRequest): string {
  const text = JSON.stringify([canonical(params), canonical(parseBody(body)), scope ?? null]);
  return createHash('sha256').update(text).digest('base64url');
}
