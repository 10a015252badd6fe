/** What others may write at most into one field of each kind, in UTF-16 code units. */
export const MOST_CHARS = { text: 65_536, prose: 8_192, line: 1_024, id: 512, url: 4_096 } as const;

type Known<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the fields that are not known. */
export const known = <T extends object>(fields: T): Known<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>;

/** Cut to a bound, and without half a character at its end or anywhere else; `undefined` where it is empty. */
export function textOf(
  given: string | null | undefined,
  kind: keyof typeof MOST_CHARS = 'prose',
): string | undefined {
  return given ? given.slice(0, MOST_CHARS[kind]).toWellFormed() : undefined;
}

/** A finite number, also of protobuf's 64 bits. */
export function numberOf(given: unknown): number | undefined {
  if (given === null || given === undefined) return undefined;
  const number = Number(given);
  return Number.isFinite(number) ? number : undefined;
}

/** A whole number of at least `least` that JavaScript can count to. */
export function wholeOf(given: unknown, least = 0): number | undefined {
  const number = numberOf(given);
  return number !== undefined && Number.isSafeInteger(number) && number >= least ? number : undefined;
}

/** The time that WhatsApp gives in seconds; some senders give milliseconds. `undefined` where there is none. */
export function timeOf(given: unknown): string | undefined {
  const number = wholeOf(given, 1);
  if (number === undefined) return undefined;
  const date = new Date(number > 1e11 ? number : number * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

export const firstOf = <T>(list: readonly T[] | null | undefined, most: number): T[] =>
  (list ?? []).slice(0, most);

const MOST_JSON_CHARS = 16_384;
const MOST_FIELDS = 64;

/** An object that somebody has written as JSON, bounded; `undefined` for anything else. */
export function objectOf(json: string | null | undefined): Record<string, unknown> | undefined {
  if (!json || json.length > MOST_JSON_CHARS) return undefined;
  try {
    const parsed: unknown = JSON.parse(json.toWellFormed());
    return isObject(parsed) ? boundedObject(parsed, 0) : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MOST_DEPTH = 6;

const boundedObject = (given: Record<string, unknown>, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given)
      .slice(0, MOST_FIELDS)
      .map(([key, value]) => [key.slice(0, 128).toWellFormed(), bounded(value, depth + 1)]),
  );

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MOST_DEPTH) return null;
  if (Array.isArray(value)) return value.slice(0, MOST_FIELDS).map((item) => bounded(item, depth + 1));
  return isObject(value) ? boundedObject(value, depth) : null;
}
