import { createPathMatcher } from '../../shared/contract/match-path.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { toJsonSchema } from '../../shared/openapi/json-schema.ts';
import { exampleOf } from '../../shared/openapi/schema-example.ts';

export interface ValidRequest {
  path: string;
  /** As the path names them, decoded. */
  params: Record<string, string>;
  body?: Record<string, unknown>;
}

/** What fits every route that is given no better: nobody's session, and a group's id, which says what it is. */
const NOBODY = 'nobody-nothing';
const GROUP_ID = '120363012345678901@g.us';

export interface Given {
  /** In place of what a path names; by the parameter's name. */
  params?: Readonly<Record<string, string>>;
  /** In place of the example's own fields. */
  body?: Record<string, unknown>;
}

export function pathOf(route: RouteDeclaration, params: Given['params'] = {}): string {
  const given: Record<string, string> = { groupId: GROUP_ID, ...params };
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? NOBODY));
}

/** A request that this route takes, made from the examples that the OpenAPI document shows. */
export function validRequest(route: RouteDeclaration, given: Given = {}): ValidRequest {
  const path = pathOf(route, given.params);
  const params = createPathMatcher([route]).match(route.method, path)?.params ?? {};
  if (route.body === undefined) return { path, params };
  const example = exampleOf(toJsonSchema(route.body, 'input'), { isRequest: true }) as Record<
    string,
    unknown
  >;
  return { path, params, body: { ...example, ...given.body } };
}
