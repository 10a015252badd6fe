import type { ErrorCode } from '../errors/error-codes.ts';
import { isLenient } from './request-schemas.ts';
import type { CallerKind, RouteDeclaration } from './route.ts';

/** Callers whose requests are not limited. */
const UNCOUNTED: readonly CallerKind[] = ['public', 'worker'];

/** Counts a route's requests: public ones of accounts by address, a tenant's by account and key. */
export function countedBy(route: RouteDeclaration): 'address' | 'account' | undefined {
  if (route.group === 'auth') return 'address';
  return route.callers.every((caller) => UNCOUNTED.includes(caller)) ? undefined : 'account';
}

/** Codes that any route of a kind may answer beside those it declares. */
function impliedErrors(route: RouteDeclaration): ErrorCode[] {
  // The table may be unreachable, throttled or damaged.
  const codes: ErrorCode[] = route.storeless === true ? [] : ['INTERNAL_ERROR', 'STORAGE_UNAVAILABLE'];
  if (!route.callers.includes('public')) codes.push('UNAUTHORIZED', 'FORBIDDEN');
  if (route.query !== undefined || !isLenient(route)) codes.push('VALIDATION_ERROR');
  if (route.params !== undefined) codes.push('NOT_FOUND');
  if (route.body !== undefined) codes.push('VALIDATION_ERROR', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE');
  if (countedBy(route) !== undefined) codes.push('RATE_LIMITED');
  if (route.idempotent === true) codes.push('VALIDATION_ERROR', 'IDEMPOTENCY_MISMATCH', 'IN_PROGRESS');
  return codes;
}

/** Every error a route may answer with. */
export function errorsOf(route: RouteDeclaration): ErrorCode[] {
  return [...new Set([...impliedErrors(route), ...(route.errors ?? [])])];
}
