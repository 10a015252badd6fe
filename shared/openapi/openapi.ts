import type { RouteDeclaration } from '../contract/route.ts';
import type { Json } from './json-schema.ts';
import { components, GUIDE, tags } from './openapi-components.ts';
import { operationOf } from './openapi-operation.ts';
import { openapiWebhooks } from './openapi-webhooks.ts';

/** The OpenAPI 3.1 document of a route table. */
export function buildOpenapi(
  routes: readonly RouteDeclaration[],
  info: { title: string; version: string },
): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = { ...path, [route.method.toLowerCase()]: operationOf(route) };
  }
  const { webhooks, schemas } = openapiWebhooks();
  const used = new Set<string>(routes.map(({ group }) => group));
  return {
    openapi: '3.1.0',
    info: { ...info, description: GUIDE, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'Where this document was read.' }],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    webhooks,
    components: { ...components, schemas: { ...(components['schemas'] as Json), ...schemas } },
  };
}
