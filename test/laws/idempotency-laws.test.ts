import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { hashRequest } from '../../shared/idempotency/request-hash.ts';
import {
  type Answer,
  type ControlPlane,
  startControlPlane,
} from '../../testing/control-plane/control-plane.ts';
import { refusedEndpoint } from '../../testing/control-plane/fake-worker.ts';
import { createTokens, named, type Tokens, tokenFor } from './law-callers.ts';
import { type Given, type ValidRequest, validRequest } from './valid-request.ts';

const routes: readonly RouteDeclaration[] = controlRoutes;
const idempotent = routes.filter((route) => route.idempotent === true);
/** What an example leaves open: whom to ask, and where the key does not say which session. */
const GIVEN: Readonly<Record<string, Given>> = {
  addWorker: { body: { endpoint: refusedEndpoint() } },
  sendByKey: { body: { sessionId: 'nobody-nothing' } },
};
const requestOf = (route: RouteDeclaration) => validRequest(route, GIVEN[route.id]);

/** What answers with a secret, which is not kept. An upload's signed URL is one, and lives for minutes only. */
const SECRET_ANSWERS = ['createApiKey', 'createMedia', 'createWebhook', 'issueSessionKey', 'register'];

it('whatever creates takes an Idempotency-Key, but for those that answer with a secret', () => {
  const creates = routes.filter(({ method, statuses }) => method === 'POST' && statuses?.includes(201));
  const without = creates.filter((route) => route.idempotent !== true && !route.callers.includes('worker'));
  expect(without.map(({ id }) => id).toSorted()).toEqual(SECRET_ANSWERS);
});

describe('every route that creates or sends', () => {
  let plane: ControlPlane;
  let tokens: Tokens;
  /** Of the requests whose key someone else holds: they wait for some seconds, beside the other tests. */
  let duplicates: Map<string, Promise<Answer<unknown>>>;

  const call = (route: RouteDeclaration, { path, body }: ValidRequest, key: string) =>
    plane.call(route.method, path, {
      ...tokenFor(route, tokens),
      body,
      headers: { 'idempotency-key': key },
    });

  async function userIdOf(token: string): Promise<string> {
    const key = await plane.deps.findApiKey(token);
    return key?.userId ?? (await plane.deps.accessTokens.verify(token)).userId;
  }

  /** Asks again what another process has begun to answer. */
  async function askHeld(route: RouteDeclaration): Promise<Answer<unknown>> {
    const request = requestOf(route);
    const { token = '' } = tokenFor(route, tokens);
    const scope = { userId: await userIdOf(token), routeId: route.id, key: 'held' };
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    await plane.deps.stores.idempotency.claim(scope, hashRequest({ params: request.params, body }));
    return await call(route, request, 'held');
  }

  beforeAll(async () => {
    plane = await startControlPlane();
    tokens = await createTokens(plane);
    duplicates = new Map(idempotent.map((route) => [route.id, askHeld(route)]));
  });
  afterAll(() => plane.close());

  it.each(named(idempotent))('%s takes a key for one request only', async (_, route) => {
    const request = requestOf(route);
    await call(route, request, 'mine');
    const [name] = Object.keys(request.params);
    const other =
      name === undefined
        ? { ...request, body: { ...request.body, name: 'another' } }
        : validRequest(route, { params: { [name]: 'another-one' } });
    expect((await call(route, other, 'mine')).code).toBe('IDEMPOTENCY_MISMATCH');
  });

  it.each(named(idempotent))('%s does not begin anew what is being answered', async (_, route) => {
    expect((await duplicates.get(route.id))?.code).toBe('IN_PROGRESS');
  });
});
