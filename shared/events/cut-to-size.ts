/** How long texts and lists may be, one bound after the other until the whole fits. */
const BOUNDS = [
  { chars: 1_000, items: 50 },
  { chars: 256, items: 10 },
  { chars: 64, items: 2 },
] as const;

function cut(value: unknown, bounds: { chars: number; items: number }): unknown {
  if (typeof value === 'string') return value.slice(0, bounds.chars).toWellFormed();
  if (Array.isArray(value)) return value.slice(0, bounds.items).map((item) => cut(item, bounds));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, bounds)]));
}

/**
 * As JSON of at most so many bytes. Where the whole is larger, its long texts and lists are cut and `data` says so:
 * it keeps its shape, and its ids, by which the rest can be fetched.
 */
export function toBoundedJson(whole: { data: object }, maxBytes: number): string {
  const json = JSON.stringify(whole);
  if (Buffer.byteLength(json) <= maxBytes) return json;
  let shortest = '';
  for (const bounds of BOUNDS) {
    const data = { ...(cut(whole.data, bounds) as object), truncated: true };
    shortest = JSON.stringify({ ...whole, data });
    if (Buffer.byteLength(shortest) <= maxBytes) break;
  }
  return shortest;
}
