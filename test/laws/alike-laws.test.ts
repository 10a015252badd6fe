import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methodsOf, type RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import {
  type Answer,
  type ControlPlane,
  startControlPlane,
} from '../../testing/control-plane/control-plane.ts';
import { createSession } from '../../testing/control-plane/scenario.ts';
import { createTokens, named, type Tokens, tokenFor } from './law-callers.ts';
import { validRequest } from './valid-request.ts';

const routes: readonly RouteDeclaration[] = controlRoutes;
const forKeys = routes.filter(({ callers }) => callers.includes('apiKey'));
const changes = routes.filter((route) => methodsOf(route).length > 1);

describe('what means the same', () => {
  let plane: ControlPlane;
  let tokens: Tokens;

  beforeAll(async () => {
    plane = await startControlPlane();
    tokens = await createTokens(plane);
  });
  afterAll(() => plane.close());

  const told = ({ status, code, body }: Answer<unknown>) => ({ status, code, error: body.error });

  it.each(named(forKeys))('%s takes a key in X-Api-Key as it does in Authorization', async (_, route) => {
    const { path, body } = validRequest(route);
    const call = (headers: Record<string, string>) => plane.call(route.method, path, { body, headers });
    expect((await call({ 'x-api-key': `${tokens.apiKey}x` })).code).toBe('UNAUTHORIZED');
    const answer = await call({ 'X-Api-Key': tokens.apiKey });
    expect(['UNAUTHORIZED', 'FORBIDDEN']).not.toContain(answer.code);
    if (route.method !== 'GET') return;
    expect(told(answer)).toEqual(told(await call({ authorization: `Bearer ${tokens.apiKey}` })));
  });

  it('Authorization is what counts where both headers are sent', async () => {
    const path = '/api/v1/sessions';
    const headers = { 'x-api-key': tokens.apiKey, authorization: 'Bearer nonsense' };
    expect((await plane.call('GET', path, { headers })).code).toBe('UNAUTHORIZED');
    const basic = { 'x-api-key': tokens.apiKey, authorization: 'Basic YTpi' };
    expect((await plane.call('GET', path, { headers: basic })).status).toBe(200);
  });

  it.each(changes.map((route) => [route.id, route] as const))(
    'every method of %s answers alike',
    async (_, route) => {
      const { path, body } = validRequest(route);
      const answers: object[] = [];
      for (const method of methodsOf(route))
        answers.push(told(await plane.call(method, path, { ...tokenFor(route, tokens), body })));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    },
  );

  it('PATCH changes what PUT changes', async () => {
    const { token } = await plane.signUp();
    const sessionId = await createSession(plane, token, 'before');
    const path = `/api/v1/sessions/${sessionId}`;
    const changed = await plane.call('PATCH', path, { token, body: { description: 'changed' } });
    expect(changed).toMatchObject({ status: 200, data: { name: 'before', description: 'changed' } });
    expect((await plane.call('GET', path, { token })).data).toMatchObject({ description: 'changed' });
  });
});
