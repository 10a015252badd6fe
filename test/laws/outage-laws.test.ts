import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStores } from '../../functions/create-deps.ts';
import { newApiKey, newKeyId } from '../../shared/accounts/keys/api-key-text.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { countedBy } from '../../shared/contract/route-errors.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { openTable } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import {
  type Answer,
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../testing/control-plane/control-plane.ts';
import { refusedEndpoint } from '../../testing/control-plane/fake-worker.ts';
import { type LocalTable, startLocalTable } from '../../testing/control-plane/local-table.ts';
import { named, type Tokens, tokenFor } from './law-callers.ts';
import { type Given, validRequest } from './valid-request.ts';

const routes: readonly RouteDeclaration[] = controlRoutes;
const needTheTable = routes.filter(({ storeless }) => storeless !== true);
const counted = routes.filter((route) => countedBy(route) !== undefined);
const SOURCE_IP = '203.0.113.7';
/** What makes a request look at the table, where the example alone would not. */
const GIVEN: Readonly<Record<string, Given & { query?: Record<string, string> }>> = {
  getHealth: { query: { ready: '1' } },
  recordWorkerEvents: { body: { events: [{ event: 'message_received', sessionId: 'nobody-nothing' }] } },
};

type Answers = Map<string, Answer<unknown>>;

/** All at once: each waits for retries that fail, and none needs the others. */
async function askAll(plane: ControlPlane, asked: typeof routes, tokens: Tokens): Promise<Answers> {
  const answers = await Promise.all(
    asked.map(async (route) => {
      const { query, ...given } = GIVEN[route.id] ?? {};
      const { path, body } = validRequest(route, given);
      const request = { ...tokenFor(route, tokens), body, query, sourceIp: SOURCE_IP };
      return [route.id, await plane.call(route.method, path, request)] as const;
    }),
  );
  return new Map(answers);
}

function expectCode(answers: Answers, route: RouteDeclaration, code: ErrorCode): void {
  const answer = answers.get(route.id);
  expect([route.id, answer?.code], answer?.text).toEqual([route.id, code]);
}

/** Valid tokens that no table has to be asked for, and a key that only a table could tell. */
async function signedTokens(plane: ControlPlane): Promise<Tokens> {
  const [user, admin] = await Promise.all([plane.signUp(), plane.signUp('PRO', 'ADMIN')]);
  const apiKey = newApiKey('live', newKeyId());
  return { user: user.token, admin: admin.token, worker: WORKER_TOKEN, apiKey };
}

describe.each([
  {
    name: 'a table that refuses connections',
    code: 'STORAGE_UNAVAILABLE' as const,
    clientOf: () => createTableClient({ region: 'us-east-1', endpoint: refusedEndpoint() }),
  },
  {
    name: 'a database without the table',
    code: 'INTERNAL_ERROR' as const,
    clientOf: ({ client }: LocalTable) => client,
  },
])('$name', ({ code, clientOf }) => {
  let elsewhere: LocalTable;
  let client: DynamoDBDocumentClient;
  let plane: ControlPlane;
  let answers: Answers;
  beforeAll(async () => {
    elsewhere = await startLocalTable();
    client = clientOf(elsewhere);
    plane = await startControlPlane({ stores: createStores(openTable(client, 'not-there'), Date.now) });
    answers = await askAll(plane, needTheTable, await signedTokens(plane));
  });
  afterAll(async () => {
    client.destroy();
    await Promise.all([plane.close(), elsewhere.close()]);
  });

  it.each(named(needTheTable))(`is ${code} of %s, with nothing told of what is behind it`, (_, route) => {
    expectCode(answers, route, code);
  });
});

describe('a caller with no requests left', () => {
  let plane: ControlPlane;
  let answers: Answers;
  beforeAll(async () => {
    plane = await startControlPlane();
    const { token, userId } = await plane.signUp('BASIC', 'ADMIN');
    const { throttle, guard } = plane.deps.stores;
    const key = await plane.call<{ apiKey: string }>('POST', '/api/v1/users/api-keys', { token, body: {} });
    const caller = { userId, accountKey: (await plane.deps.findApiKey(key.data.apiKey))?.accountKey ?? '' };
    while ((await guard.admit(caller)).outcome === 'admitted');
    while ((await throttle.takeForAddress(SOURCE_IP)).allowed);
    // Workers are not counted: where both may call, it is the administrator who is.
    answers = await askAll(plane, counted, {
      user: token,
      admin: token,
      worker: token,
      apiKey: key.data.apiKey,
    });
  });
  afterAll(() => plane.close());

  it.each(named(counted))('is told by %s to slow down, and when to come back', (_, route) => {
    expectCode(answers, route, 'RATE_LIMITED');
  });
});
