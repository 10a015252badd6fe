import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkerGateway } from '../../functions/workers/calls/worker-gateway.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { workerRoutes } from '../../shared/workers/api/routes.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  refusedEndpoint,
  startFakeWorker,
  type WorkerCall,
  type WorkerReply,
} from '../../testing/control-plane/fake-worker.ts';
import { connectedSession, createSession } from '../../testing/control-plane/scenario.ts';
import { createTokens, named, type Tokens, tokenFor } from './law-callers.ts';
import { validRequest } from './valid-request.ts';

/** Long enough for a machine to notice that nobody answers, which is true of any length. */
const IMPATIENCE_MS = 20;
const RECIPIENT = '6281234567890';

const routes: readonly RouteDeclaration[] = controlRoutes;
/** They ask the worker that runs a session. */
const asking = routes.filter(
  (route) =>
    route.group !== 'sessions' && errorsOf(route).includes('WORKER_UNREACHABLE') && route.id !== 'addWorker',
);
const sending = asking.filter(({ statuses }) => statuses?.includes(202));

/** Which session is asked for, and what its worker does: on loopback, over HTTP. */
const TROUBLES = {
  SESSION_NOT_CONNECTED: { session: 'closed', reply: 'break' },
  WORKER_UNREACHABLE: { session: 'lost', reply: 'break' },
  WORKER_TIMEOUT: { session: 'open', reply: 'hang' },
  WORKER_ERROR: { session: 'open', reply: 'nonsense' },
  SESSION_MOVING: { session: 'open', reply: { code: 'STALE_OWNER' } },
  CONFLICT: { session: 'open', reply: { code: 'CONFLICT' } },
  GROUP_NOT_FOUND: { session: 'open', reply: { code: 'GROUP_NOT_FOUND' } },
  MEDIA_UNAVAILABLE: { session: 'open', reply: { code: 'MEDIA_UNAVAILABLE' } },
  MESSAGE_REJECTED: { session: 'open', reply: { code: 'MESSAGE_REJECTED' } },
} as const satisfies Partial<Record<ErrorCode, { session: keyof Sessions; reply: WorkerReply }>>;
type Trouble = keyof typeof TROUBLES;

interface Sessions {
  /** Its worker answers. */
  open: string;
  /** Its worker refuses connections. */
  lost: string;
  /** Not connected. */
  closed: string;
}

/** A worker says only what its own route declares. */
function withinDeclared(reply: WorkerReply, { id }: WorkerCall): WorkerReply {
  const route = (workerRoutes as readonly RouteDeclaration[]).find((each) => each.id === id);
  const isDeclared =
    typeof reply === 'string' || !('code' in reply) || (route && errorsOf(route).includes(reply.code));
  return isDeclared ? reply : 'no-such-route';
}

describe('what a worker does', () => {
  let plane: ControlPlane;
  let worker: FakeWorker;
  let tokens: Tokens;
  let sessions: Sessions;
  let reply: WorkerReply;

  beforeAll(async () => {
    const impatient: typeof fetch = (input, init) =>
      reply === 'hang'
        ? fetch(input, { ...init, signal: AbortSignal.timeout(IMPATIENCE_MS) })
        : fetch(input, init);
    const workers = createWorkerGateway({ workerTokens: () => [WORKER_TOKEN], fetch: impatient });
    [plane, worker] = await Promise.all([startControlPlane({ workers }), startFakeWorker()]);
    worker.replies = Object.fromEntries(
      workerRoutes.map(({ id }) => [id, (call: WorkerCall) => withinDeclared(reply, call)]),
    );
    tokens = await createTokens(plane);
    const connected = async (workerId: string, endpoint: string) =>
      (await connectedSession(plane, tokens.user, { workerId, endpoint }, workerId)).sessionId;
    sessions = {
      open: await connected('here', worker.endpoint),
      lost: await connected('lost', refusedEndpoint()),
      closed: await createSession(plane, tokens.user, 'closed'),
    };
  });
  afterAll(() => Promise.all([plane.close(), worker.close()]));

  /** About a message of its own, so that no two are taken for one. */
  async function ask(route: RouteDeclaration, session: keyof Sessions) {
    const sessionId = sessions[session];
    const messageId = randomUUID();
    const at = new Date(plane.clock.now).toISOString();
    await plane.deps.stores.messages.advance({
      sessionId,
      messageId,
      to: RECIPIENT,
      type: 'text',
      status: 'sent',
      at,
    });
    const { path, body } = validRequest(route, {
      params: { sessionId, messageId },
      ...(route.id === 'sendByKey' ? { body: { sessionId } } : {}),
    });
    return await plane.call(route.method, path, { ...tokenFor(route, tokens), body });
  }

  describe.each(Object.keys(TROUBLES) as Trouble[])('or does not: %s', (code) => {
    it.each(named(asking.filter((route) => errorsOf(route).includes(code))))(
      'is told by %s',
      async (_, route) => {
        const { session, reply: given } = TROUBLES[code];
        reply = given;
        const answer = await ask(route, session);
        expect([route.id, answer.code], answer.text).toEqual([route.id, code]);
      },
    );
  });

  it.each(named(sending))(
    '%s is pending where the worker may have sent it, and no error',
    async (_, route) => {
      for (const silent of ['hang', 'break'] as const) {
        reply = silent;
        const answer = await ask(route, 'open');
        expect([answer.status, answer.data], answer.text).toMatchObject([202, { status: 'pending' }]);
      }
    },
  );
});
