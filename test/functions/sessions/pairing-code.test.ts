import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  startFakeWorker,
  workerSession,
} from '../../../testing/control-plane/fake-worker.ts';
import {
  connectedSession,
  createSession,
  readSession,
  registerWorker,
} from '../../../testing/control-plane/scenario.ts';

const PHONE = '6281234567890';
const PAIRING = { code: 'ABCD2345', expiresAt: '2026-11-21T10:02:40.000Z', phoneNumber: `+${PHONE}` };

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
beforeEach(async () => {
  plane = await startControlPlane();
  worker = await startFakeWorker();
  token = (await plane.signUp()).token;
  await registerWorker(plane, { workerId: 'w', endpoint: worker.endpoint });
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const ask = (sessionId: string, phoneNumber: unknown = PHONE) =>
  plane.call('POST', `/api/v1/sessions/${sessionId}/pairing-code`, { token, body: { phoneNumber } });

it('places a session that was never connected, and answers the worker’s code', async () => {
  const sessionId = await createSession(plane, token);
  worker.replies = {
    workerStartSession: workerSession(sessionId, 'qr_required'),
    workerPairingCode: { data: PAIRING },
  };
  expect(await ask(sessionId, '+62 812-3456-7890')).toMatchObject({ status: 200, data: PAIRING });
  const { epoch, rev } = await readSession(plane, sessionId);
  expect(worker.callsOf('workerPairingCode')[0]?.body).toEqual({
    ...{ generation: 1, epoch, rev },
    phoneNumber: PHONE,
  });
});

it('answers 409 for a session that is linked, without asking its worker', async () => {
  const { sessionId } = await connectedSession(plane, token, { workerId: 'w', endpoint: worker.endpoint });
  expect(await ask(sessionId)).toMatchObject({ status: 409, code: 'CONFLICT' });
  expect(worker.callsOf('workerPairingCode')).toHaveLength(0);
});

it('refuses what is no phone number before anything is started', async () => {
  const sessionId = await createSession(plane, token);
  for (const phoneNumber of ['hello', '12', '120363@g.us', 5])
    expect(await ask(sessionId, phoneNumber)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  expect(worker.callsOf('workerStartSession')).toHaveLength(0);
});

it('passes on what WhatsApp says of the number', async () => {
  const sessionId = await createSession(plane, token);
  worker.replies = {
    workerStartSession: workerSession(sessionId, 'qr_required'),
    workerPairingCode: { code: 'VALIDATION_ERROR' },
  };
  expect(await ask(sessionId)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
});

it('shows nothing of an answer that is no code', async () => {
  const sessionId = await createSession(plane, token);
  worker.replies = {
    workerStartSession: workerSession(sessionId, 'qr_required'),
    workerPairingCode: { data: { ...PAIRING, code: 'another form' } },
  };
  const answer = await ask(sessionId);
  expect(answer).toMatchObject({ status: 502, code: 'WORKER_ERROR' });
  expect(answer.text).not.toContain('another form');
});
