import type * as z from 'zod';
import { bodySchemaOf } from '../contract/request-schemas.ts';
import type { RouteDeclaration } from '../contract/route.ts';
import {
  FAILURE_EXAMPLES,
  FAILURE_SCHEMAS,
  HEADERS,
  IDEMPOTENCY_KEY,
  SECURITY_SCHEMES,
} from './components.ts';
import { GUIDE, tags } from './guide.ts';
import type { Json } from './json-schema.ts';
import { operationOf } from './operation.ts';
import { parameterKeys } from './parameters.ts';
import { hasData } from './responses.ts';
import { type Schemas, toSchemaComponents } from './schema-components.ts';

/** Of several schemas with a key, those that are there. */
const present = (entries: readonly (readonly [key: string, schema: z.ZodType | undefined])[]): Schemas =>
  Object.fromEntries(entries.flatMap(([key, schema]) => (schema === undefined ? [] : [[key, schema]])));

function requestSchemas(routes: readonly RouteDeclaration[]): Schemas {
  return present(
    routes.flatMap((route) => {
      const { path, query } = parameterKeys(route);
      return [
        [path, route.params],
        [query, route.query],
        [route.id, bodySchemaOf(route)],
      ] as const;
    }),
  );
}

const byName = <T>(entries: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** What the other methods of a route do is described once. */
function sameOperation(operation: Json, route: RouteDeclaration, operationId: string): Json {
  const description = `Does what ${route.method} does.`;
  return { ...operation, operationId, description, 'x-same-as': route.id };
}

/** The OpenAPI 3.1 document of a route table; whoever serves it names the server. */
export function buildOpenapi(
  routes: readonly RouteDeclaration[],
  info: { title: string; version: string },
): Json {
  const answers = routes.filter(hasData).map((route) => [route.id, route.answer] as const);
  const components = toSchemaComponents(requestSchemas(routes), Object.fromEntries(answers));
  Object.assign(components.schemas, FAILURE_SCHEMAS);
  const paths: Record<string, Json> = {};
  const responses: Record<string, Json> = {};
  for (const route of routes) {
    const { operation, responses: named } = operationOf(route, components);
    Object.assign(responses, named);
    const others = Object.entries(route.alsoBy ?? {}).map(([method, operationId]) => [
      method.toLowerCase(),
      sameOperation(operation, route, operationId),
    ]);
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation,
      ...Object.fromEntries(others),
    };
  }
  const used = new Set<string>(routes.map(({ group }) => group));
  return {
    openapi: '3.1.0',
    info: { ...info, description: GUIDE, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components: {
      schemas: byName(components.schemas),
      responses: byName(responses),
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
      examples: FAILURE_EXAMPLES,
      headers: HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
