import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHandlers } from '../../../../functions/handler-file.ts';
import { httpFunction } from '../../../../functions/http/http-function.ts';
import { hop } from '../../../../functions/workers/calls/hop.ts';
import { REQUEST_BUDGET_MS, withinDeadline } from '../../../../functions/workers/calls/within-deadline.ts';
import type { WorkerGateway } from '../../../../functions/workers/calls/worker-gateway.ts';
import { ApiError } from '../../../../shared/contract/api-error.ts';
import type { CallOptions } from '../../../../shared/contract/client.ts';
import type { ErrorCode } from '../../../../shared/errors/error-codes.ts';
import { type ControlPlane, startControlPlane } from '../../../../testing/control-plane/control-plane.ts';
import {
  connectedSession,
  createSession,
  registerWorker,
} from '../../../../testing/control-plane/scenario.ts';

/** Before Lambda ends a request. */
const LAMBDA_MS = 28_000;

type Fate = { takesMs: number; answer: object | { code: ErrorCode | undefined; status: number } };

/** Workers on a clock of their own: each call lets it run for as long as it takes, at most for its time-out. */
function slowWorkers(clock: { now: number }, fateOf: (call: string) => Fate) {
  const calls: string[] = [];
  const client = new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (_request: unknown, { timeoutMs = 30_000 }: CallOptions = {}) => {
          calls.push(String(name));
          const { takesMs, answer } = fateOf(String(name));
          clock.now += Math.min(takesMs, timeoutMs);
          if (takesMs > timeoutMs) throw new DOMException('too slow', 'TimeoutError');
          if ('status' in answer && 'code' in answer)
            throw new ApiError({
              ...{ status: Number(answer.status), code: undefined, message: 'No.', details: undefined },
              ...{ retryAfterS: Number.NaN, requestId: undefined },
            });
          return { status: 200, data: answer, headers: new Headers() };
        },
    },
  );
  return { calls, gateway: (() => client) as unknown as WorkerGateway };
}

let plane: ControlPlane;
let token: string;
const clock = { now: 0 };
beforeEach(async () => {
  plane = await startControlPlane();
  clock.now = 0;
  ({ token } = await plane.signUp('MAX'));
});
afterEach(() => plane.close());

/** Through functions whose clock is the workers'. */
async function post(gateway: WorkerGateway, routeKey: string, sessionId: string, body: object, as = token) {
  const run = httpFunction(
    await loadHandlers(),
    { ...plane.deps, workers: gateway },
    undefined,
    () => clock.now,
  );
  const { statusCode, body: text = '' } = await run({
    ...{ routeKey, rawPath: routeKey.split(' ')[1]?.replace('{sessionId}', sessionId) ?? '' },
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...{ pathParameters: { sessionId }, body: JSON.stringify(body), isBase64Encoded: false },
  });
  return { status: statusCode, body: JSON.parse(text) };
}

describe('a request whose workers are slow is answered by us, before Lambda ends it', () => {
  it('where a pairing code takes a start in three steps, and the code comes late', async () => {
    const owner = { workerId: 'w', endpoint: 'http://127.0.0.1:1' };
    await registerWorker(plane, owner);
    const sessionId = await createSession(plane, token);
    const { gateway, calls } = slowWorkers(clock, (call) =>
      call === 'workerStartSession'
        ? { takesMs: 9_000, answer: { status: 404, code: undefined } }
        : { takesMs: 9_000, answer: { sessionId, status: 'connecting' } },
    );
    const route = 'POST /api/v1/sessions/{sessionId}/pairing-code';
    const answer = await post(gateway, route, sessionId, { phoneNumber: '6281234567890' });
    expect(calls.slice(0, 3)).toEqual(['workerStartSession', 'workerCreateSession', 'workerConnectSession']);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.body).toMatchObject({ success: false, code: expect.any(String) });
    expect(clock.now).toBeLessThanOrEqual(REQUEST_BUDGET_MS);
  });

  it('where many sessions are restarted at once, each with its result', async () => {
    const admin = await plane.signUp('MAX', 'ADMIN');
    const sessionIds = [];
    const owner = { workerId: 'w', endpoint: 'http://127.0.0.1:1' };
    await registerWorker(plane, owner);
    for (const name of ['one', 'two', 'three', 'four'])
      sessionIds.push((await connectedSession(plane, token, owner, name)).sessionId);
    const { gateway, calls } = slowWorkers(clock, () => ({ takesMs: 60_000, answer: {} }));
    const route = 'POST /api/v1/admin/sessions/bulk';
    const answer = await post(gateway, route, '', { action: 'restart', sessionIds }, admin.token);
    expect(answer.status).toBe(200);
    expect(answer.body.data.results).toHaveLength(4);
    expect(calls).toEqual(['workerRestartSession', 'workerRestartSession', 'workerRestartSession']);
    expect(clock.now).toBeLessThanOrEqual(REQUEST_BUDGET_MS);
  });
});

it('leaves room for an answer within what Lambda gives', () => {
  expect(REQUEST_BUDGET_MS).toBeLessThanOrEqual(LAMBDA_MS - 3_000);
});

it('gives a call what it asks for or what is left, and makes none with nothing left: it never arrived', async () => {
  const asked: (number | undefined)[] = [];
  const client = {
    workerHealth: async (_: unknown, { timeoutMs }: CallOptions = {}) => {
      asked.push(timeoutMs);
      return { status: 200, data: {} };
    },
  };
  // As `performance.now` counts; timers take whole milliseconds only.
  let left = 9_000.25;
  const gateway = withinDeadline((() => client) as unknown as WorkerGateway, () => left);
  const { workerHealth } = gateway({ endpoint: 'http://127.0.0.1:1', requestId: 'r' });
  const call = (options?: CallOptions) => hop(workerHealth({}, options));
  await call({ timeoutMs: 5_000 });
  await call({ timeoutMs: 10_000 });
  await call();
  left = 0;
  expect([asked, await call()]).toEqual([[5_000, 9_000, 9_000], { outcome: 'refused' }]);
});
