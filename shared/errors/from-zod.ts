import type * as z from 'zod';
import { AppError } from './app-error.ts';

const MAX_DETAILS = 20;

/** A field that is not declared is named itself, where it is one. */
function placeOf(issue: z.core.$ZodIssue): string {
  const foreign = issue.code === 'unrecognized_keys' && issue.keys.length === 1 ? issue.keys : [];
  return [...issue.path, ...foreign].map(String).join('.');
}

/** Turns zod's error into the declared one: names each field, never repeats the value that was sent. */
export function fromZod(error: z.ZodError, where: 'body' | 'query' | 'path' | 'environment'): AppError {
  // Both sides of an intersection report the same problem.
  const byText = new Map(
    error.issues.map((issue) => {
      const { message } = issue;
      const at = issue.path.map(String).join('.');
      const detail = { at, path: placeOf(issue), message };
      return [`${detail.path}: ${message}`, detail] as const;
    }),
  );
  const found = [...byText.values()].slice(0, MAX_DETAILS);
  const details = found.map(({ path, message }) => ({ path, message }));
  const [first] = found;
  const subject = first?.at ? `"${first.at}" in the ${where}` : `the ${where}`;
  const rest = details.length > 1 ? ` (and ${details.length - 1} more, see details)` : '';
  return new AppError(
    'VALIDATION_ERROR',
    `Check ${subject}: ${first?.message ?? 'it is not valid'}${rest}.`,
    {
      details,
    },
  );
}
