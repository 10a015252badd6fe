import { randomUUID } from 'node:crypto';
import type { Session } from '../../shared/sessions/schema.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { RegistrationAnswer } from '../../shared/workers/schema.ts';
import { type ControlPlane, WORKER_TOKEN } from './control-plane.ts';
import { type FakeWorker, startFakeWorker } from './fake-worker.ts';

/** Registers a worker as its process would; answers what it was told. */
export async function registerWorker(
  plane: ControlPlane,
  registration: { workerId: string; endpoint: string; bootId?: string; maxSessions?: number },
) {
  const body = {
    maxSessions: 50,
    version: '1.0.0',
    environment: 'testing',
    bootId: randomUUID(),
    ...registration,
  };
  return await plane.call<RegistrationAnswer>('POST', '/api/v1/workers/register', {
    token: WORKER_TOKEN,
    body,
  });
}

export async function createSession(plane: ControlPlane, token: string, name = 'Phone'): Promise<string> {
  const { data } = await plane.call<Session>('POST', '/api/v1/sessions', { token, body: { name } });
  return data.sessionId;
}

export async function readSession(plane: ControlPlane, sessionId: string): Promise<SessionItem> {
  const session = await plane.deps.stores.sessions.get(sessionId);
  if (session === undefined) throw new Error(`there is no session ${sessionId}`);
  return session;
}

/** A session that is connected on this worker, as its reports would have made it. */
export async function connectedSession(
  plane: ControlPlane,
  token: string,
  owner: { workerId: string; endpoint: string; generation?: number },
  name = 'Phone',
): Promise<SessionItem> {
  const { sessions } = plane.deps.stores;
  const created = await readSession(plane, await createSession(plane, token, name));
  const assigned = await sessions.assign(created, { generation: 1, ...owner }, { desired: 'connected' });
  if (assigned === undefined) throw new Error('not assigned');
  const { sessionId, epoch } = assigned;
  const { session } = await sessions.applyReport(assigned, {
    sessionId,
    epoch,
    seq: 1,
    status: 'CONNECTED',
    phoneNumber: '6281234567890',
  });
  return session;
}

export interface ConnectedTenant {
  token: string;
  session: SessionItem;
  /** Registered as `w`. */
  worker: FakeWorker;
}

/** A tenant with one session, which is connected on a worker of its own. */
export async function connectedTenant(
  plane: ControlPlane,
  tier?: 'BASIC' | 'PRO' | 'MAX',
): Promise<ConnectedTenant> {
  const worker = await startFakeWorker();
  const { token } = await plane.signUp(tier);
  const owner = { workerId: 'w', endpoint: worker.endpoint };
  await registerWorker(plane, owner);
  return { token, session: await connectedSession(plane, token, owner), worker };
}

/** Opens a WebSocket connection; answers its id. */
export async function openSocket(plane: ControlPlane, token: string): Promise<string> {
  const connectionId = randomUUID();
  const { statusCode } = await plane.realtime({
    requestContext: { routeKey: '$connect', connectionId },
    queryStringParameters: { token },
  });
  if (statusCode !== 200) throw new Error(`the socket did not open: ${statusCode}`);
  return connectionId;
}

export async function sendFrame(plane: ControlPlane, connectionId: string, frame: unknown): Promise<void> {
  const body = typeof frame === 'string' ? frame : JSON.stringify(frame);
  await plane.realtime({ requestContext: { routeKey: '$default', connectionId }, body });
}

/** A client of this tenant that hears everything it may. */
export async function listener(plane: ControlPlane, token: string): Promise<string> {
  const connectionId = await openSocket(plane, token);
  await sendFrame(plane, connectionId, { action: 'subscribe', sessionId: '*' });
  plane.clients.framesOf(connectionId).length = 0;
  return connectionId;
}
