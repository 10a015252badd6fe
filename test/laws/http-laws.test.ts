import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { controlRoutes } from '../../shared/contract/control-routes.ts';
import {
  type CallerKind,
  DEFAULT_MAX_BODY_BYTES,
  type RouteDeclaration,
} from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import {
  type Answer,
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../functions/testing/control-plane.ts';

const Failure = z.strictObject({
  success: z.literal(false),
  error: z.string().regex(/^[A-Z"].*[.!]$/s, 'a sentence'),
  code: z.enum(Object.keys(ERROR_CODES) as [keyof typeof ERROR_CODES]),
  details: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  requestId: z.string(),
});

const routes: readonly RouteDeclaration[] = controlRoutes;
const closed = routes.filter(({ callers }) => !callers.includes('public'));
const withBody = routes.filter(({ body }) => body !== undefined);
const named = (list: readonly RouteDeclaration[]) =>
  list.map((route) => [`${route.method} ${route.path}`, route] as const);
/** Other ids may be any text; a group's says what it is. */
const GROUP_ID = '120363012345678901@g.us';
const pathOf = (route: RouteDeclaration, value = 'nobody-nothing') =>
  route.path.replace('{groupId}', GROUP_ID).replace(/\{\w+\}/g, value);

/** Signed with another secret. */
const FORGED =
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJyb2xlIjoiQURNSU4iLCJleHAiOjQwMDAwMDAwMDB9.aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ';
const UNSIGNED = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJyb2xlIjoiQURNSU4iLCJleHAiOjQwMDAwMDAwMDB9.';

describe('every route of the control plane', () => {
  let plane: ControlPlane;
  let tokens: Record<Exclude<CallerKind, 'public'>, string>;
  let foreign: { token: string; sessionId: string };

  beforeAll(async () => {
    plane = await startControlPlane();
    const [user, admin, other] = await Promise.all([
      plane.signUp('PRO'),
      plane.signUp('PRO', 'ADMIN'),
      plane.signUp('PRO'),
    ]);
    const key = await plane.call('POST', '/api/v1/users/api-keys', { token: user.token, body: {} });
    const { apiKey } = z.object({ apiKey: z.string() }).parse(key.body.data);
    tokens = { user: user.token, admin: admin.token, worker: WORKER_TOKEN, apiKey };
    const created = await plane.call('POST', '/api/v1/sessions', {
      token: other.token,
      body: { name: 'theirs' },
    });
    foreign = {
      token: other.token,
      sessionId: z.object({ sessionId: z.string() }).parse(created.body.data).sessionId,
    };
  });
  afterAll(() => plane.close());

  const tokenFor = (route: RouteDeclaration): { token?: string } => {
    const kind = route.callers.find((caller) => caller !== 'public');
    return kind === undefined ? {} : { token: tokens[kind as keyof typeof tokens] };
  };

  function expectFailure(route: RouteDeclaration, answer: Answer<unknown>, code: string): void {
    const failure = Failure.parse(answer.body);
    expect([answer.status, failure.code]).toEqual([ERROR_CODES[failure.code].status, code]);
    expect(errorsOf(route)).toContain(failure.code);
    expect(answer.headers['x-request-id']).toBe(failure.requestId);
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
        ...tokenFor(route),
        rawBody,
        headers: { 'content-type': contentType },
      });
    expectFailure(route, await call('{"name":'), 'VALIDATION_ERROR');
    expectFailure(route, await call('[]'), 'VALIDATION_ERROR');
    expectFailure(route, await call('a=b', 'application/x-www-form-urlencoded'), 'UNSUPPORTED_MEDIA_TYPE');
    const oversized = JSON.stringify({ filling: 'x'.repeat(route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES) });
    expectFailure(route, await call(oversized), 'PAYLOAD_TOO_LARGE');
  });

  it.each(
    named(routes.filter(({ path, callers }) => path.includes('{sessionId}') && callers.includes('user'))),
  )('%s answers another tenant’s session exactly as a missing one', async (_, route) => {
    const message = { to: '6281234567890', type: 'text', message: 'hi' };
    const fields = { phoneNumber: '6281234567890', mimetype: 'image/png', sizeBytes: 1 };
    const people = { phoneNumbers: ['6281234567890'], participants: ['6281234567890'], action: 'add' };
    const chat = { subject: 'x', presence: 'available', emoji: '👍' };
    const all = { ...message, ...fields, ...people, ...chat, name: 'x', messages: [message] };
    const body = route.body === undefined ? {} : { body: all };
    const ask = async (sessionId: string) => {
      const path = pathOf({ ...route, path: route.path.replace('{sessionId}', sessionId) }, 'x1');
      const answer = await plane.call(route.method, path, { token: tokens.user, ...body });
      return { status: answer.status, body: { ...answer.body, requestId: '' } };
    };
    const theirs = await ask(foreign.sessionId);
    expect(theirs).toEqual(await ask('nobody-nothing'));
    expect(theirs.status).toBe(404);
  });

  it.each(named(routes))('%s answers other methods with 405 and those it knows', async (_, route) => {
    const known = routes.filter(({ path }) => path === route.path).map(({ method }) => method);
    const answer = await plane.call('PATCH', pathOf(route));
    expect(answer.status).toBe(405);
    for (const method of known) expect(answer.headers['allow']).toContain(method);
  });

  it.each(named(routes))('%s takes over the caller’s request id', async (_, route) => {
    const answer = await plane.call(route.method, pathOf(route), { headers: { 'x-request-id': 'trace-42' } });
    expect(answer.headers['x-request-id']).toBe('trace-42');
  });
});
