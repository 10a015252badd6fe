import * as z from 'zod';
import { type CallerKind, methodsOf, type RouteDeclaration } from '../../shared/contract/route.ts';
import { type ControlPlane, WORKER_TOKEN } from '../../testing/control-plane/control-plane.ts';

/** One credential of each kind; the key is the user's. */
export type Tokens = Record<Exclude<CallerKind, 'public'>, string>;

export const isClosed = ({ callers }: RouteDeclaration) => !callers.includes('public');

/** For a table of tests: `POST /api/v1/sessions`, and the route itself; once for each of its methods. */
export const named = (routes: readonly RouteDeclaration[]) =>
  routes.flatMap((route) =>
    methodsOf(route).map((method) => [`${method} ${route.path}`, { ...route, method }] as const),
  );

export async function createTokens(plane: ControlPlane): Promise<Tokens> {
  const [user, admin] = await Promise.all([plane.signUp('PRO'), plane.signUp('PRO', 'ADMIN')]);
  const key = await plane.call('POST', '/api/v1/users/api-keys', { token: user.token, body: {} });
  const { apiKey } = z.object({ apiKey: z.string() }).parse(key.body.data);
  return { user: user.token, admin: admin.token, worker: WORKER_TOKEN, apiKey };
}

/** The credential that a route is for; none where it is for everybody. */
export function tokenFor({ callers }: RouteDeclaration, tokens: Tokens): { token?: string } {
  const kind = callers.find((caller) => caller !== 'public');
  return kind === undefined ? {} : { token: tokens[kind] };
}
