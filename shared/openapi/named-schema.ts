import { isDeepStrictEqual } from 'node:util';
import { COMPONENTS, type Json } from './json-schema.ts';

/** A schema that stands in the document's components. */
export interface NamedSchema {
  name: string;
  ref: { $ref: string };
}

const refTo = (name: string): NamedSchema => ({ name, ref: { $ref: COMPONENTS + name } });

/**
 * A schema by its own name, or stored under the name that is given here where it has none.
 * @throws Error where another schema has that name
 */
export function nameSchema(schemas: Record<string, Json>, json: Json, otherwise: string): NamedSchema {
  const { $ref, ...rest } = json;
  if (typeof $ref === 'string' && Object.keys(rest).length === 0) return refTo($ref.slice(COMPONENTS.length));
  const known = schemas[otherwise];
  if (known !== undefined && !isDeepStrictEqual(known, json))
    throw new Error(`Two schemas of the OpenAPI document are named ${otherwise}.`);
  schemas[otherwise] = json;
  return refTo(otherwise);
}
