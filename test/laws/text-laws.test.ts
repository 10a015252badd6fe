import { describe, expect, it } from 'vitest';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { toJsonSchema } from '../../shared/openapi/json-schema.ts';
import { exampleOf, type JsonSchema, resolved, variantsOf } from '../../shared/openapi/schema-example.ts';

/** Half a pair: JSON can write it down, UTF-8 cannot. */
const HALF = '\ud83d';
/** What is compared, or looked up by its hash, and never kept. */
const SECRETS = /^(?:currentPassword|refreshToken|token|password)$/;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Each copy of `value` that has half a character at the end of one of its texts, with that text's place. */
function withHalves(value: unknown, place = ''): [place: string, copy: unknown][] {
  if (typeof value === 'string') return [[place, value + HALF]];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    withHalves(each, place === '' ? key : `${place}.${key}`).map(([where, copy]): [string, unknown] => [
      where,
      Array.isArray(value) ? value.with(Number(key), copy) : { ...value, [key]: copy },
    ]),
  );
}

/** Workers report what has happened, whatever it holds: to refuse that would lose it. */
const fromPeople = (controlRoutes as readonly RouteDeclaration[]).filter(
  ({ body, callers }) => body !== undefined && callers.some((caller) => caller !== 'worker'),
);

/** A full body of each form that the route shows. */
function bodiesOf({ body }: RouteDeclaration): unknown[] {
  if (body === undefined) return [];
  const { examples, $defs = {}, ...schema } = toJsonSchema(body, 'input') as JsonSchema;
  const forms = variantsOf(resolved(schema, $defs));
  const full = (form: JsonSchema) => exampleOf({ ...form, $defs }, { isRequest: false });
  return [...(forms.length === 0 ? [schema] : forms).map(full), ...(examples ?? [])];
}

/** Half a character at each place of `body`, and what is taken over from there all the same. */
function halvesTaken({ body: schema }: RouteDeclaration, body: unknown): string[] {
  return withHalves(body)
    .filter(([place]) => !SECRETS.test(place))
    .filter(([, copy]) => {
      const parsed = schema?.safeParse(copy);
      return parsed?.success === true && JSON.stringify(parsed.data).includes('\\ud83d');
    })
    .map(([place]) => place);
}

describe('half a character', () => {
  it.each(fromPeople.map((route) => [route.id, route] as const))('is taken by no text of %s', (_, route) => {
    for (const body of bodiesOf(route)) expect(halvesTaken(route, body)).toEqual([]);
  });
});
