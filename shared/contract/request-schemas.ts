import * as z from 'zod';
import { closed } from './closed.ts';
import type { RouteDeclaration } from './route.ts';

const NOTHING = z.strictObject({});

/**
 * Tells whether a request may carry what its route does not declare. Workers may be of another release than the
 * control plane; everybody else is told of a misspelt name, which would otherwise be ignored. What needs no
 * account is read by monitors and browsers, which add parameters of their own.
 */
export const isLenient = ({ callers, group }: RouteDeclaration): boolean =>
  callers.includes('worker') || group === 'system';

/** What a request's query is held against. */
export function querySchemaOf(route: RouteDeclaration): z.ZodType | undefined {
  if (isLenient(route)) return route.query;
  return route.query === undefined ? NOTHING : closed(route.query);
}

/** What a request's body is held against. */
export function bodySchemaOf(route: RouteDeclaration): z.ZodType | undefined {
  return route.body === undefined || isLenient(route) ? route.body : closed(route.body);
}
