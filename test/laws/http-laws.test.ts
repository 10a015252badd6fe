import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import {
  type CallerKind,
  DEFAULT_MAX_BODY_BYTES,
  methodsOf,
  type RouteDeclaration,
} from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { toJsonSchema } from '../../shared/openapi/json-schema.ts';
import {
  type Answer,
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../testing/control-plane/control-plane.ts';
import { createSession } from '../../testing/control-plane/scenario.ts';
import { createTokens, isClosed, named, type Tokens, tokenFor } from './law-callers.ts';
import { pathOf, validRequest } from './valid-request.ts';

const routes: readonly RouteDeclaration[] = controlRoutes;
const closed = routes.filter(isClosed);
const withBody = routes.filter(({ body }) => body !== undefined);
const withQuery = routes.filter(({ query }) => query !== undefined);
const withParams = routes.filter(({ params }) => params !== undefined);
const idempotent = routes.filter((route) => route.idempotent === true);
/** Longer than any id, cursor or number may be, and no word of any list. */
const SENSELESS = '-'.repeat(2_000);

/** Each field of a query or a path, with such a value. */
function senseless(schema: z.ZodType | undefined): Record<string, string> {
  const properties: unknown = schema === undefined ? {} : toJsonSchema(schema, 'input')['properties'];
  return Object.fromEntries(Object.keys(properties ?? {}).map((name) => [name, SENSELESS]));
}

/** Signed with another secret. */
const FORGED =
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJyb2xlIjoiQURNSU4iLCJleHAiOjQwMDAwMDAwMDB9.aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ';
const UNSIGNED = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJyb2xlIjoiQURNSU4iLCJleHAiOjQwMDAwMDAwMDB9.';

describe('every route of the control plane', () => {
  let plane: ControlPlane;
  let tokens: Tokens;
  let foreign: { token: string; sessionId: string };

  beforeAll(async () => {
    plane = await startControlPlane();
    tokens = await createTokens(plane);
    const { token } = await plane.signUp('PRO');
    foreign = { token, sessionId: await createSession(plane, token, 'theirs') };
  });
  afterAll(() => plane.close());

  /** What all failures have in common is checked of every answer. */
  function expectFailure(route: RouteDeclaration, answer: Answer<unknown>, code: ErrorCode): void {
    expect([route.id, answer.code], answer.text).toEqual([route.id, code]);
  }

  it.each(named(closed))('%s refuses a call without a token', async (_, route) => {
    expectFailure(route, await plane.call(route.method, pathOf(route)), 'UNAUTHORIZED');
  });

  it.each(named(closed))('%s refuses forged, unsigned, expired and senseless tokens', async (_, route) => {
    const before = plane.clock.now;
    plane.clock.now -= 3_600_000;
    const { token: expired } = await plane.signUp();
    plane.clock.now = before;
    for (const token of [
      FORGED,
      UNSIGNED,
      expired,
      'nonsense',
      'sk_live_0000000000000000',
      `${WORKER_TOKEN}x`,
    ])
      expectFailure(route, await plane.call(route.method, pathOf(route), { token }), 'UNAUTHORIZED');
  });

  it.each(named(closed))('%s refuses the tokens of callers it is not for', async (_, route) => {
    for (const [kind, token] of Object.entries(tokens)) {
      const welcome =
        route.callers.includes(kind as CallerKind) || (kind === 'admin' && route.callers.includes('user'));
      if (!welcome)
        expectFailure(route, await plane.call(route.method, pathOf(route), { token }), 'FORBIDDEN');
    }
  });

  it.each(named(withBody))('%s refuses malformed, oversized and foreign bodies', async (_, route) => {
    const call = (rawBody: string, contentType = 'application/json') =>
      plane.call(route.method, pathOf(route), {
        ...tokenFor(route, tokens),
        rawBody,
        headers: { 'content-type': contentType },
      });
    expectFailure(route, await call('{"name":'), 'VALIDATION_ERROR');
    expectFailure(route, await call('[]'), 'VALIDATION_ERROR');
    expectFailure(route, await call('a=b', 'application/x-www-form-urlencoded'), 'UNSUPPORTED_MEDIA_TYPE');
    const oversized = JSON.stringify({ filling: 'x'.repeat(route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES) });
    expectFailure(route, await call(oversized), 'PAYLOAD_TOO_LARGE');
  });

  it.each(named(withQuery))('%s refuses a senseless query', async (_, route) => {
    const query = senseless(route.query);
    const answer = await plane.call(route.method, pathOf(route), { ...tokenFor(route, tokens), query });
    expectFailure(route, answer, 'VALIDATION_ERROR');
  });

  it.each(named(withParams))('%s finds nothing under an id that nothing can have', async (_, route) => {
    const { path, body } = validRequest(route, { params: senseless(route.params) });
    expectFailure(
      route,
      await plane.call(route.method, path, { ...tokenFor(route, tokens), body }),
      'NOT_FOUND',
    );
  });

  it.each(named(idempotent))('%s refuses an Idempotency-Key that is too long', async (_, route) => {
    const { path, body } = validRequest(route);
    const headers = { 'idempotency-key': 'k'.repeat(129) };
    const answer = await plane.call(route.method, path, { ...tokenFor(route, tokens), body, headers });
    expectFailure(route, answer, 'VALIDATION_ERROR');
  });

  it.each(
    named(routes.filter(({ path, callers }) => path.includes('{sessionId}') && callers.includes('user'))),
  )('%s answers another tenant’s session exactly as a missing one', async (_, route) => {
    const ask = async (sessionId: string) => {
      const { path, body } = validRequest(route, { params: { sessionId } });
      const answer = await plane.call(route.method, path, { token: tokens.user, body });
      return { status: answer.status, body: { ...answer.body, requestId: '' } };
    };
    const theirs = await ask(foreign.sessionId);
    expect(theirs).toEqual(await ask('nobody-nothing'));
    expect(theirs.status).toBe(404);
  });

  it.each(named(routes))('%s answers other methods with 405 and those it knows', async (_, route) => {
    const known = routes.filter(({ path }) => path === route.path).flatMap(methodsOf);
    const answer = await plane.call('OPTIONS', pathOf(route));
    expect(answer.status).toBe(405);
    for (const method of known) expect(answer.headers['allow']).toContain(method);
  });

  it.each(named(routes))('%s takes over the caller’s request id', async (_, route) => {
    const answer = await plane.call(route.method, pathOf(route), { headers: { 'x-request-id': 'trace-42' } });
    expect(answer.headers['x-request-id']).toBe('trace-42');
  });
});
