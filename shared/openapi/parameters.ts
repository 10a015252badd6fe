import type { RouteDeclaration } from '../contract/route.ts';
import type { Json } from './json-schema.ts';
import type { SchemaComponents } from './schema-components.ts';
import { exampleOf } from './schema-example.ts';

interface ObjectJson {
  properties?: Record<string, Json>;
  required?: string[];
}

/** The keys under which a route's path and query are converted. */
export const parameterKeys = ({ id }: Pick<RouteDeclaration, 'id'>) =>
  ({ path: `${id} path`, query: `${id} query` }) as const;

/** What a route takes beside its body. */
export function parametersOf(route: RouteDeclaration, { sent, schemas }: SchemaComponents): Json[] {
  const keys = parameterKeys(route);
  const of = (where: 'path' | 'query') => {
    const { properties = {}, required = [] } = (sent[keys[where]] ?? {}) as ObjectJson;
    return Object.entries(properties).map(([name, { description, ...schema }]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(where === 'path' ? { example: exampleOf(schema, { isRequest: true, schemas }, name) } : {}),
    }));
  };
  const headers = route.idempotent === true ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : [];
  return [...of('path'), ...of('query'), ...headers];
}
