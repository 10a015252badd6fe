import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { handlerFile } from '../../functions/handler-file.ts';
import { methodsOf, type RouteDeclaration, routeKeys } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { buildOpenapi } from '../../shared/openapi/openapi.ts';
import { workerRoutes } from '../../shared/workers/api/routes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const parametersOf = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
const tables: [string, readonly RouteDeclaration[]][] = [
  ['control plane', controlRoutes],
  ['worker', workerRoutes],
];

/** The enumerations that a schema holds to the letter; behind a transformation, as `caseless` has one, they are not. */
function strictEnumerationsOf(schema: unknown): string[] {
  if (schema instanceof z.ZodEnum) return [schema.options.join(' | ')];
  if (schema instanceof z.ZodObject) return Object.values(schema.shape).flatMap(strictEnumerationsOf);
  if (schema instanceof z.ZodArray) return strictEnumerationsOf(schema.element);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return strictEnumerationsOf(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(strictEnumerationsOf);
  if (schema instanceof z.ZodIntersection)
    return [schema.def.left, schema.def.right].flatMap(strictEnumerationsOf);
  return [];
}

describe.each(tables)('the route table of the %s', (_, routes) => {
  it('names every route once', () => {
    const ids = routes.flatMap(({ id, alsoBy = {} }) => [id, ...Object.values(alsoBy)]);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('gives every method and path to one route only', () => {
    const keys = routes.flatMap(routeKeys).map((key) => key.replace(/\{\w+\}/g, '{}'));
    expect(keys).toEqual([...new Set(keys)]);
  });

  it.each(routes.map((route) => [route.id, route] as const))(
    'declares the parameters of %s in its path, its aliases and its schema alike',
    (__, route) => {
      const declared = route.params instanceof z.ZodObject ? Object.keys(route.params.shape) : [];
      for (const path of [route.path, ...(route.aliases ?? [])]) expect(parametersOf(path)).toEqual(declared);
    },
  );

  it('takes every enumeration in any case', () => {
    const isYesOrNo = (values: string) => values.includes('true');
    for (const { id, body, query } of routes) {
      const strict = [body, query].flatMap(strictEnumerationsOf).filter((values) => !isYesOrNo(values));
      expect({ id, strict }).toEqual({ id, strict: [] });
    }
  });

  it('lets nobody in without naming a caller', () => {
    for (const { callers } of routes) expect(callers.length).toBeGreaterThan(0);
  });
});

describe('the control plane', () => {
  it('takes PATCH wherever tenants and administrators may PUT', () => {
    const changes = (controlRoutes as readonly RouteDeclaration[]).filter(
      ({ method, callers }) => method === 'PUT' && !callers.includes('worker'),
    );
    expect(changes.length).toBeGreaterThan(0);
    for (const route of changes) expect([route.id, methodsOf(route)]).toEqual([route.id, ['PUT', 'PATCH']]);
  });

  it.each(controlRoutes.map((route) => [handlerFile(route)]))('has a handler %s', (file) => {
    expect(existsSync(root + file)).toBe(true);
  });

  it('describes every route in OpenAPI with its callers and errors', () => {
    const document = buildOpenapi(controlRoutes, { title: 'gateway', version: '1' });
    const paths = z
      .record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() })))
      .parse(document['paths']);
    const operations = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(operations.toSorted()).toEqual(controlRoutes.map(({ id }) => id as string).toSorted());
  });
});
