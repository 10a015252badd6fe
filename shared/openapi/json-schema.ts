import * as z from 'zod';

export type Json = Record<string, unknown>;

/** Formats that say by themselves what zod adds a long pattern for. */
const SELF_EXPLANATORY = new Set<unknown>(['date-time', 'date', 'uri']);

/** Whether its text is trimmed before its length is looked at. */
function isTrimmed(schema: z.core.$ZodType): boolean {
  return (
    schema instanceof z.ZodString &&
    (schema.def.checks ?? []).some(
      ({ _zod: { def } }) => 'tx' in def && typeof def.tx === 'function' && def.tx(' ') === '',
    )
  );
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

function tidy(io: 'input' | 'output'): Override {
  return ({ zodSchema, jsonSchema }) => {
    if (SELF_EXPLANATORY.has(jsonSchema.format) || (io === 'output' && jsonSchema.format !== undefined))
      delete jsonSchema.pattern;
    if (io === 'output') {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    }
    if (io === 'input' && jsonSchema.minLength === 1 && isTrimmed(zodSchema)) jsonSchema.pattern ??= '\\S';
    // Of what is transformed, zod shows none of the examples on the way in; ours are of what callers send.
    const { examples } = z.globalRegistry.get(zodSchema) ?? {};
    if (io === 'input' && Array.isArray(examples)) jsonSchema.examples = examples;
  };
}

/** A schema as JSON Schema (draft 2020-12): what callers send, or what they are answered. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: tidy(io),
  });
  return json;
}
