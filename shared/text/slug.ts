import * as z from 'zod';

/** Lower case, `[a-z0-9-]`; underscores, spaces and everything else become hyphens, runs collapse. */
export function normalizeSlug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Diacritic}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** A session or worker id as callers write it; parsed to its normal form. */
export const Slug = z
  .string()
  .min(1)
  .max(128)
  .transform(normalizeSlug)
  .refine((slug) => slug.length > 0, 'use at least one letter or digit (a-z, 0-9, hyphens)')
  .meta({ pattern: '[A-Za-z0-9]' });

/** An enumeration accepted in any case and parsed to the spelling given here. */
export function caseless<const T extends readonly string[]>(values: T) {
  const bySpelling = new Map(values.map((value) => [value.toLowerCase(), value]));
  return z
    .string()
    .transform((text) => bySpelling.get(text.trim().toLowerCase()) ?? text)
    .pipe(z.enum(values, { error: () => `use one of ${values.join(', ')}` }))
    .meta({ description: `One of ${values.join(', ')}, in any case.`, enum: [...values] });
}
