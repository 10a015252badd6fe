import * as z from 'zod';

type Schema = z.core.$ZodType;

/** Each is closed once, so that a schema that stands in two places is the same one in both. */
const closedOnes = new WeakMap<Schema, Schema>();

function closedObject(schema: z.core.$ZodObject): Schema {
  const { def } = schema._zod;
  const shape = Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, closed(field)]));
  return z.core.clone(schema, { ...def, shape, catchall: def.catchall ?? z.never() });
}

/** The schemas directly inside another, by their place in its definition. */
function partsOf(schema: Schema): Record<string, Schema | readonly Schema[]> {
  if (schema instanceof z.core.$ZodArray) return { element: schema._zod.def.element };
  if (schema instanceof z.core.$ZodUnion) return { options: schema._zod.def.options };
  if (schema instanceof z.core.$ZodIntersection) {
    const { left, right } = schema._zod.def;
    return { left, right };
  }
  if (schema instanceof z.core.$ZodPipe) return { in: schema._zod.def.in, out: schema._zod.def.out };
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodDefault
  )
    return { innerType: schema._zod.def.innerType };
  return {};
}

const isList = (part: Schema | readonly Schema[]): part is readonly Schema[] => Array.isArray(part);

/** The same list where nothing in it changes. */
function closedList(list: readonly Schema[]): readonly Schema[] {
  const result = list.map((each) => closed(each));
  return result.every((each, index) => each === list[index]) ? list : result;
}

function closeInside(schema: Schema): Schema {
  if (schema instanceof z.core.$ZodObject) return closedObject(schema);
  const parts = Object.entries(partsOf(schema));
  const now = parts.map(([place, part]) => [place, isList(part) ? closedList(part) : closed(part)] as const);
  if (now.every(([, part], index) => part === parts[index]?.[1])) return schema;
  return z.core.clone(schema, { ...schema._zod.def, ...Object.fromEntries(now) });
}

/** What the OpenAPI document shows in the schema's place is closed with it. */
function closedMeta(meta: z.core.GlobalMeta): z.core.GlobalMeta {
  const { documentedAs } = meta;
  return documentedAs instanceof z.ZodType ? { ...meta, documentedAs: closed(documentedAs) } : meta;
}

/**
 * The same schema, but that every object in it refuses fields it does not declare. Objects that say what their
 * further fields are (`z.looseObject`, `catchall`) stay as they are.
 */
export function closed<S extends Schema>(schema: S): S {
  const known = closedOnes.get(schema);
  if (known !== undefined) return known as S;
  const result = closeInside(schema);
  const meta = z.globalRegistry.get(schema);
  if (result !== schema && meta !== undefined) z.globalRegistry.add(result, closedMeta(meta));
  closedOnes.set(schema, result);
  closedOnes.set(result, result);
  return result as S;
}
