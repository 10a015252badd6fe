import type * as z from 'zod';
import { sayForeign, sayForeignIn } from './say-foreign.ts';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** What to send, by zod's name of a type. */
const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
  record: 'a JSON object',
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'use a time with its zone such as 2026-12-24T18:00:00Z',
  date: 'use a day such as 2026-12-24',
  url: 'use a URL such as https://example.com',
  email: 'use an e-mail address such as ada@example.com',
};

function kindOf(input: unknown): string | undefined {
  if (input === null) return 'null';
  if (typeof input === 'number' && Number.isNaN(input)) return undefined;
  return NOUNS[Array.isArray(input) ? 'array' : typeof input];
}

function sayType({ expected, input }: { expected: string; input?: unknown }): string {
  const noun = NOUNS[expected] ?? 'another kind of value';
  if (input === undefined) return `it is missing; send ${noun}`;
  const given = kindOf(input);
  return given === undefined || given === noun ? `use ${noun}` : `use ${noun}, not ${given}`;
}

/** `origin` is zod's name of what was too small or too large. */
function sayBound(origin: string, bound: string, count: number | bigint): string {
  if (origin === 'string') return `use ${bound} ${count} ${count === 1 ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'set') return `name ${bound} ${count}`;
  return `use ${bound} ${count}`;
}

function sayTooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string' && minimum === 1) return 'it must not be empty';
  return sayBound(origin, inclusive === false ? 'more than' : 'at least', minimum);
}

/**
 * zod's own findings as what to do about them, where a schema has no sentence of its own. None repeats the value that was
 * sent.
 */
export function sayIssue(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return sayType(issue);
    case 'too_small':
      return sayTooSmall(issue as z.core.$ZodIssueTooSmall);
    case 'too_big':
      return sayBound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'it does not have the form that the reference shows';
    case 'invalid_value':
      return `use ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return sayForeign(issue.keys, issue.inst);
    case 'invalid_union':
      return sayForeignIn(issue) ?? 'it has none of the forms that the reference shows';
    default:
      return undefined;
  }
}
