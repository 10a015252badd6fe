import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkerGateway } from '../../functions/workers/calls/worker-gateway.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  refusedEndpoint,
  startFakeWorker,
  workerSession,
} from '../../testing/control-plane/fake-worker.ts';
import { connectedSession, createSession, registerWorker } from '../../testing/control-plane/scenario.ts';

/** Once set, calls whose path ends so find nobody listening any more. */
let goneFor: string | undefined;
let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let adminToken: string;

beforeEach(async () => {
  goneFor = undefined;
  const reach: typeof fetch = (input, init) => {
    const url = new URL(String(input));
    const isGone = goneFor !== undefined && url.pathname.endsWith(goneFor);
    return fetch(isGone ? new URL(url.pathname, refusedEndpoint()) : url, init);
  };
  const workers = createWorkerGateway({ workerTokens: () => [WORKER_TOKEN], fetch: reach });
  [plane, worker] = await Promise.all([startControlPlane({ workers }), startFakeWorker()]);
  token = (await plane.signUp()).token;
  adminToken = (await plane.signUp('PRO', 'ADMIN')).token;
});
afterEach(() => Promise.all([plane.close(), worker.close()]));

const owner = () => ({ workerId: 'w', endpoint: worker.endpoint });
const post = (path: string, body?: object, as = token) =>
  plane.call('POST', `/api/v1/${path}`, { token: as, body });

describe('the worker of a linked session', () => {
  const linked = async () => {
    await registerWorker(plane, owner());
    return (await connectedSession(plane, token, owner())).sessionId;
  };

  it('the worker of a linked session that says nothing to a restart may do it all the same: 202', async () => {
    worker.replies = { workerRestartSession: 'break' };
    expect(await post(`sessions/${await linked()}/restart`)).toMatchObject({ status: 202 });
  });

  it('the worker of a linked session that makes no sense is told as its fault, when it is asked to connect or to start anew', async () => {
    const sessionId = await linked();
    worker.replies = { workerDisconnectSession: 'break', workerRestartSession: 'nonsense' };
    expect(await post(`sessions/${sessionId}/restart`)).toMatchObject({ status: 502, code: 'WORKER_ERROR' });
    await post(`sessions/${sessionId}/disconnect`);
    worker.replies = { workerConnectSession: 'nonsense' };
    expect(await post(`sessions/${sessionId}/connect`)).toMatchObject({ status: 502, code: 'WORKER_ERROR' });
  });
});

describe('a session that nobody runs', () => {
  it('a session that nobody runs is not started anew, and gets no code, where there is no worker', async () => {
    const sessionId = await createSession(plane, token);
    for (const answer of [
      await post(`sessions/${sessionId}/restart`),
      await post(`sessions/${sessionId}/pairing-code`, { phoneNumber: '6281234567890' }),
    ])
      expect(answer).toMatchObject({ status: 503, code: 'NO_WORKER_AVAILABLE' });
  });
});

describe('a code to type on the phone', () => {
  let sessionId: string;
  beforeEach(async () => {
    await registerWorker(plane, owner());
    sessionId = await createSession(plane, token);
    worker.replies = { workerStartSession: workerSession(sessionId, 'qr_required') };
  });
  const ask = () => post(`sessions/${sessionId}/pairing-code`, { phoneNumber: '6281234567890' });

  it('a code to type on the phone is refused as the worker’s fault where it makes no sense', async () => {
    worker.replies = { ...worker.replies, workerPairingCode: 'nonsense' };
    expect(await ask()).toMatchObject({ status: 502, code: 'WORKER_ERROR' });
  });

  it('a code to type on the phone is 504 where the worker breaks off', async () => {
    worker.replies = { ...worker.replies, workerPairingCode: 'break' };
    expect(await ask()).toMatchObject({ status: 504, code: 'WORKER_TIMEOUT' });
  });

  it('a code to type on the phone is 503 where the worker has started the session and then gone away', async () => {
    goneFor = '/pairing-code';
    expect(await ask()).toMatchObject({ status: 503, code: 'WORKER_UNREACHABLE' });
  });
});

describe('a worker that is added by hand', () => {
  const add = () => post('workers', { endpoint: worker.endpoint, maxSessions: 5 }, adminToken);

  it('a worker that is added by hand has to say who it is', async () => {
    worker.replies = { workerLive: { data: { status: 'ok' } }, workerInfo: 'nonsense' };
    expect(await add()).toMatchObject({ status: 502, code: 'WORKER_ERROR' });
    worker.replies = { ...worker.replies, workerInfo: 'break' };
    expect(await add()).toMatchObject({ status: 504, code: 'WORKER_TIMEOUT' });
  });
});

describe('an administrator', () => {
  it('an administrator sees one account', async () => {
    const { userId } = await plane.signUp('MAX');
    const found = await plane.call('GET', `/api/v1/users/${userId}`, { token: adminToken });
    expect(found).toMatchObject({ status: 200, data: { userId, tier: 'MAX' } });
  });

  it('an administrator cannot delete the own account', async () => {
    const { token: own, userId } = await plane.signUp('PRO', 'ADMIN');
    const answer = await plane.call('DELETE', `/api/v1/users/${userId}`, { token: own });
    expect(answer).toMatchObject({ status: 409, code: 'CONFLICT' });
  });
});

describe('a webhook that is off', () => {
  it('a webhook that is off has nothing sent again', async () => {
    const url = `${refusedEndpoint()}/hook`;
    const { data } = await post('webhooks', { url, events: ['*'] });
    const webhookId = String(data['webhookId']);
    // There is no queue here: the delivery is written down all the same, and waits.
    await post(`webhooks/${webhookId}/test`);
    const path = `/api/v1/webhooks/${webhookId}`;
    const listed = await plane.call<{ deliveries: { deliveryId: string }[] }>('GET', `${path}/deliveries`, {
      token,
    });
    await plane.call('PUT', path, { token, body: { active: false } });
    const [delivery] = listed.data.deliveries;
    expect(await post(`webhooks/${webhookId}/deliveries/${delivery?.deliveryId}/replay`)).toMatchObject({
      status: 409,
      code: 'CONFLICT',
    });
  });
});
