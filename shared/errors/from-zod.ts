import type * as z from 'zod';
import { AppError } from './app-error.ts';

const MAX_DETAILS = 20;

/** Turns zod's error into the declared one: names each field, never repeats the value that was sent. */
export function fromZod(error: z.ZodError, where: 'body' | 'query' | 'path' | 'environment'): AppError {
  // Both sides of an intersection report the same problem.
  const byText = new Map(
    error.issues.map(({ path, message }) => {
      const detail = { path: path.map(String).join('.'), message };
      return [`${detail.path}: ${message}`, detail] as const;
    }),
  );
  const details = [...byText.values()].slice(0, MAX_DETAILS);
  const first = details[0];
  const subject = first?.path ? `"${first.path}" in the ${where}` : `the ${where}`;
  const rest = details.length > 1 ? ` (and ${details.length - 1} more, see details)` : '';
  return new AppError(
    'VALIDATION_ERROR',
    `Check ${subject}: ${first?.message ?? 'it is not valid'}${rest}.`,
    {
      details,
    },
  );
}
