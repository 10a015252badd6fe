import { createHash } from 'node:crypto';

/** Sorts objects' keys: the same request written differently is the same request. */
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
  /** The body as it was sent. */
  body: string | undefined;
  /** Anything else that decides the answer, such as the session of a key. */
  scope?: string | undefined;
}

/** Tells whether two requests under one key are the same request. */
export function hashRequest({ params, body, scope }: HashedRequest): string {
  const text = JSON.stringify([canonical(params), canonical(parseBody(body)), scope ?? null]);
  return createHash('sha256').update(text).digest('base64url');
}
