import { distance } from 'fastest-levenshtein';
import * as z from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** Of a name's letters, how many may be wrong: two of five are those of `titel`. */
const FARTHEST = 0.4;

const plain = (name: string) => name.toLowerCase().replace(/[_\-\s]/g, '');

/** How far apart two names are; 0 where only case, hyphens or underscores differ. */
function apart(name: string, other: string): number {
  const [a, b] = [plain(name), plain(other)];
  if (a === b) return 0;
  const isPart = a.length > 2 && b.length > 2 && (a.includes(b) || b.includes(a));
  return isPart ? 1 : distance(a, b);
}

/** The known name that someone has meant by this one; `undefined` where none is near. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((other) => ({ other, far: apart(name, other) }))
    .filter(({ other, far }) => far <= Math.max(name.length, other.length) * FARTHEST)
    .toSorted((a, b) => a.far - b.far);
  return nearest?.other;
}

const namesOf = (schema: unknown) =>
  schema instanceof z.core.$ZodObject ? Object.keys(schema._zod.def.shape) : [];

/** Names each field that the schema does not declare, with the one that was probably meant. */
export function sayForeign(foreign: readonly string[], schema: unknown): string {
  const known = namesOf(schema);
  const hints = foreign.map((name) => ({ name, near: nearestName(name, known) }));
  const named = hints.map(({ name, near }) =>
    near === undefined ? `no "${name}"` : `no "${name}" (the nearest is "${near}")`,
  );
  const isClear = hints.every(({ near }) => near !== undefined);
  const rest = known.length === 0 ? '; leave it out' : `; known are ${known.join(', ')}`;
  return `there is ${named.join(', ')}${isClear ? '' : rest}`;
}

/** What is said of a union's form that fits but for fields it does not declare. */
export function sayForeignIn(issue: Issue): string | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const branches = issue.errors as readonly (readonly z.core.$ZodIssue[])[];
  const near = branches.find((found) => found.every(({ code }) => code === 'unrecognized_keys'));
  return near?.[0]?.message;
}
