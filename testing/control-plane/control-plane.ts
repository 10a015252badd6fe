import { pino } from 'pino';
import { EVERY_SERVICE } from '../../functions/aws/every-service.ts';
import { createDeps, createStores } from '../../functions/create-deps.ts';
import type { Deps } from '../../functions/deps.ts';
import { parseFunctionsEnv } from '../../functions/env.ts';
import { loadHandlers } from '../../functions/handler-file.ts';
import { httpFunction } from '../../functions/http/http-function.ts';
import { createPush } from '../../functions/realtime/push.ts';
import { realtimeFunction } from '../../functions/realtime/realtime-function.ts';
import { createPasswordHasher } from '../../shared/accounts/password.ts';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { checkAnswer } from '../harness/check-answer.ts';
import { createFakeClients, type FakeClients } from './fake-clients.ts';
import { type LocalTable, startLocalTable } from './local-table.ts';

export const WORKER_TOKEN = 'worker-token-of-the-tests';
export const FORMER_WORKER_TOKEN = 'worker-token-before-rotation';

export interface CallOptions {
  token?: string;
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  rawBody?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** As API Gateway tells it; unknown where absent. */
  sourceIp?: string;
}

export interface Answer<D> {
  status: number;
  headers: Record<string, string>;
  data: D;
  code: string | undefined;
  /** The parsed envelope. */
  body: Record<string, unknown>;
  text: string;
}

export interface ControlPlane {
  deps: Deps;
  local: LocalTable;
  clients: FakeClients;
  clock: { now: number };
  call<D = Record<string, unknown>>(method: string, path: string, options?: CallOptions): Promise<Answer<D>>;
  realtime: ReturnType<typeof realtimeFunction>;
  /** A new account; answers its access token. */
  signUp(tier?: 'BASIC' | 'PRO' | 'MAX', role?: 'USER' | 'ADMIN'): Promise<{ token: string; userId: string }>;
  close(): Promise<void>;
}

let accounts = 0;

/** The whole control plane in this process, on an in-memory table; only the clock and the clients are made up. */
export async function startControlPlane(replaced: Partial<Deps> = {}): Promise<ControlPlane> {
  const local = await startLocalTable();
  const clients = createFakeClients();
  const clock = { now: Date.parse('2026-11-21T10:00:00.000Z') };
  const now = () => clock.now;
  const env = parseFunctionsEnv({
    TABLE_NAME: local.tableName,
    DYNAMODB_ENDPOINT: local.endpoint,
    JWT_SECRETS: 'a-secret-for-tests-of-32-characters!,the-secret-before-this-32-characters!',
    WORKER_AUTH_TOKENS: `${WORKER_TOKEN},${FORMER_WORKER_TOKEN}`,
    WEBSOCKET_URL: 'ws://127.0.0.1:1/ws',
    WEBSOCKET_CALLBACK_URL: 'http://127.0.0.1:1',
    NETWORK: 'sandbox',
    VERSION: '1.2.3',
  });
  const log = pino({ level: 'silent' });
  const stores = createStores(local.table, now);
  const deps = createDeps(env, EVERY_SERVICE, {
    now,
    log,
    stores,
    passwords: createPasswordHasher({ N: 2 ** 4, r: 8, p: 1 }),
    push: createPush({ connections: stores.connections, post: clients.poster, now, log }),
    ...replaced,
  });
  // How long a request takes here says how busy the machine is: none is cut short for that.
  const run = httpFunction(await loadHandlers(), deps, undefined, () => 0);
  const matcher = createPathMatcher(controlRoutes);

  async function call<D>(method: string, path: string, options: CallOptions = {}): Promise<Answer<D>> {
    const { token, query, headers, sourceIp } = options;
    const body = options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const found = matcher.match(method, path);
    const result = await run({
      routeKey: found === undefined ? '$default' : `${method} ${found.template}`,
      rawPath: path,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      pathParameters: found?.params ?? {},
      ...(query === undefined ? {} : { queryStringParameters: query }),
      ...(body === undefined ? {} : { body }),
      isBase64Encoded: false,
      ...(sourceIp === undefined ? {} : { requestContext: { http: { sourceIp } } }),
    });
    const text = result.body ?? '';
    const contentType = result.headers['content-type'] ?? '';
    checkAnswer({ method, path, status: result.statusCode, headers: result.headers, text });
    const isJson = contentType.startsWith('application/json');
    const envelope = isJson ? JSON.parse(text) : {};
    const { data, code } = envelope;
    return { status: result.statusCode, headers: result.headers, data, code, body: envelope, text };
  }

  return {
    deps,
    local,
    clients,
    clock,
    call,
    realtime: realtimeFunction(deps),
    async signUp(tier = 'PRO', role = 'USER') {
      accounts += 1;
      const email = `tenant-${accounts}@example.com`;
      const account = await stores.accounts.create({
        email,
        name: 'Tenant',
        passwordHash: 'none',
        tier,
        role,
      });
      if (account === undefined) throw new Error('the account exists');
      const { accessToken } = await deps.accessTokens.issue(account);
      return { token: accessToken, userId: account.userId };
    },
    close: () => local.close(),
  };
}
