import * as z from 'zod';
import { type DataSchema, formsOf } from './define-event.ts';

/** What does not fit counts as absent, as far as the field may be absent; a flag that is absent is not set. */
function lenientField(field: z.core.$ZodType): z.core.$ZodType {
  if (field instanceof z.ZodOptional) return field.catch(undefined);
  if (field instanceof z.ZodNullable) return field.catch(null);
  if (field instanceof z.ZodBoolean) return field.catch(false);
  return field;
}

function lenientForm({ shape }: z.ZodObject): z.ZodObject {
  return z.object(
    Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, lenientField(field)])),
  );
}

const lenient = new WeakMap<DataSchema, z.ZodType>();

function lenientOf(schema: DataSchema): z.ZodType {
  const known = lenient.get(schema);
  if (known !== undefined) return known;
  const forms = formsOf(schema).map(lenientForm);
  const [first, ...others] = forms as [z.ZodObject, ...z.ZodObject[]];
  const made =
    schema instanceof z.ZodDiscriminatedUnion
      ? z.discriminatedUnion(schema.def.discriminator, [first, ...others])
      : first;
  lenient.set(schema, made);
  return made;
}

/**
 * An event's data out of what any worker has sent: fields that are not declared are dropped, and none is guessed.
 * `undefined` where one is missing without which there is no event.
 */
export function readReportedData<S extends DataSchema>(
  schema: S,
  given: Readonly<Record<string, unknown>>,
): z.output<S> | undefined {
  const { data } = lenientOf(schema).safeParse(given);
  return data as z.output<S> | undefined;
}
