import * as z from 'zod';

/** An enumeration accepted in any case and parsed to the spelling given here. */
export function caseless<const T extends readonly [string, ...string[]]>(values: T) {
  const bySpelling = new Map(values.map((value) => [value.toLowerCase(), value]));
  return z
    .string()
    .transform((text) => bySpelling.get(text.trim().toLowerCase()) ?? text)
    .pipe(z.enum(values, { error: () => `use one of ${values.join(', ')}` }))
    .meta({ description: `One of ${values.join(', ')}, in any case.`, enum: [...values] });
}
