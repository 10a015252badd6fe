import type { RouteDeclaration } from '../shared/contract/route.ts';

/** Where a route's handler stands, seen from the repository's root. */
export function handlerFile({ group, id }: Pick<RouteDeclaration, 'group' | 'id'>): string {
  return `functions/${group}/${id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
}
