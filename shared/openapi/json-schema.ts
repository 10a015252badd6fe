import * as z from 'zod';

export type Json = Record<string, unknown>;
export type Direction = 'input' | 'output';

/** Where zod puts the schemas that have a name, and where an OpenAPI document has them. */
const DEFS = '#/$defs/';
export const COMPONENTS = '#/components/schemas/';

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
type Given = Parameters<Override>[0];

/** Says by which field the forms of a union are told apart. */
function addDiscriminator({ zodSchema, jsonSchema }: Given): void {
  if (!(zodSchema instanceof z.core.$ZodDiscriminatedUnion)) return;
  const { options, discriminator } = zodSchema._zod.def;
  const forms = jsonSchema.oneOf ?? [];
  const mapping = options.flatMap((option, index) => {
    const ref: unknown = Object(forms[index])['$ref'];
    const values = [...(option._zod.propValues?.[discriminator] ?? [])];
    return typeof ref === 'string' ? values.map((value) => [String(value), ref] as const) : [];
  });
  if (mapping.length < options.length) return;
  jsonSchema['discriminator'] = { propertyName: discriminator, mapping: Object.fromEntries(mapping) };
}

function tidy(io: Direction): Override {
  return (given) => {
    const { zodSchema, jsonSchema } = given;
    if (SELF_EXPLANATORY.has(jsonSchema.format) || (io === 'output' && jsonSchema.format !== undefined))
      delete jsonSchema.pattern;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (io === 'input' && jsonSchema.minLength === 1 && isTrimmed(zodSchema)) jsonSchema.pattern ??= '\\S';
    // zod leaves examples out of what is transformed; ours show what callers send.
    const { examples } = z.globalRegistry.get(zodSchema) ?? {};
    if (io === 'input' && Array.isArray(examples)) jsonSchema.examples = examples;
    addDiscriminator(given);
  };
}

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** The same object schema with a field under another name. */
function renamed(schema: Json, field: string, other: string): Json {
  const rename = (name: string) => (name === field ? other : name);
  const { properties = {}, required = [] } = schema as { properties?: Json; required?: string[] };
  const entries = Object.entries(properties).map(([name, value]) => [rename(name), value]);
  return { ...schema, properties: Object.fromEntries(entries), required: required.map(rename) };
}

/** An object one of whose fields has another name as well has two forms, since exactly one of them is required. */
function splitOtherNames(name: string, { otherNames, ...schema }: Json): [name: string, schema: Json][] {
  const [pair] = Object.entries(Object(otherNames) as Record<string, string>);
  if (pair === undefined) return [[name, schema]];
  const [field, other] = pair;
  const forms: [string, Json][] = [
    [`${name}By${pascal(field)}`, schema],
    [`${name}By${pascal(other)}`, renamed(schema, field, other)],
  ];
  return [[name, { oneOf: forms.map(([form]) => ({ $ref: DEFS + form })) }], ...forms];
}

/** What the document shows of a schema that takes more forms than it can say by itself (`.meta({ documentedAs })`). */
function documented(schema: z.ZodType): z.ZodType {
  const { documentedAs } = z.globalRegistry.get(schema) ?? {};
  return documentedAs instanceof z.ZodType ? documentedAs : schema;
}

function convert(schema: z.ZodType, io: Direction): { root: Json; defs: Record<string, Json> } {
  const {
    $schema: _,
    $defs = {},
    ...root
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: tidy(io),
  });
  const entries = Object.entries($defs as Record<string, Json>);
  return { root, defs: Object.fromEntries(entries.flatMap(([name, def]) => splitOtherNames(name, def))) };
}

/** A schema as JSON Schema (draft 2020-12), complete in itself: what callers send, or what they are answered. */
export function toJsonSchema(schema: z.ZodType, io: Direction): Json {
  const { root, defs } = convert(documented(schema), io);
  const { $ref, ...own } = root;
  const named = typeof $ref === 'string' ? defs[$ref.slice(DEFS.length)] : undefined;
  const whole = named === undefined ? root : { ...named, ...own };
  return Object.keys(defs).length === 0 ? whole : { ...whole, $defs: defs };
}

export interface Converted {
  /** Each schema that was given; a reference where it has a name of its own. */
  given: Record<string, Json>;
  /** Every schema with a name (`.meta({ id })`) that they are made of. */
  named: Record<string, Json>;
}

/** Converts many schemas at once; what several have in common stands once. */
export function convertAll(schemas: Readonly<Record<string, z.ZodType>>, io: Direction): Converted {
  const shown = Object.entries(schemas).map(([key, schema]) => [key, documented(schema)]);
  const { root, defs } = convert(z.object(Object.fromEntries(shown)), io);
  return { given: (root['properties'] ?? {}) as Record<string, Json>, named: defs };
}

/** A schema of a document, complete in itself. */
export function standalone(schema: Json, schemas: Readonly<Record<string, Json>>): Json {
  const text = JSON.stringify({ ...schema, $defs: schemas });
  return JSON.parse(text.replaceAll(`"${COMPONENTS}`, `"${DEFS}`));
}

/** Rewrites the names that references lead to. */
export function mapReferences<T>(json: T, rename: (name: string) => string, base = DEFS): T {
  return JSON.parse(
    JSON.stringify(json).replace(/"#\/\$defs\/([\w.-]+)"/g, (_, name: string) => `"${base}${rename(name)}"`),
  );
}
