import * as z from 'zod';
import { defineRoute } from '../../contract/route.ts';
import { PairingCode, PhoneNumber, SessionParams } from '../../sessions/schema.ts';
import { WorkerSettings } from '../../sessions/settings.ts';
import { CreateWorkerSession, Ownership, sessionPath, WorkerSession, workerRoute } from './schema.ts';

/** A command's body may be left out altogether. */
const Command = Ownership.default({});
const session = { ...workerRoute, params: SessionParams } as const;

export const workerCreateSession = defineRoute({
  ...workerRoute,
  ...sessionPath('/create'),
  id: 'workerCreateSession',
  method: 'POST',
  summary: 'Take a session, without touching WhatsApp',
  body: CreateWorkerSession,
  answer: WorkerSession,
  statuses: [201],
  errors: ['SESSION_EXISTS', 'WORKER_FULL', 'STALE_OWNER', 'SHUTTING_DOWN'],
});

export const workerStartSession = defineRoute({
  ...workerRoute,
  ...sessionPath('/start'),
  id: 'workerStartSession',
  method: 'POST',
  summary: 'Create where it is new, and connect',
  body: CreateWorkerSession,
  answer: WorkerSession,
  errors: ['WORKER_FULL', 'STALE_OWNER', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE'],
});

export const workerConnectSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/connect'),
  id: 'workerConnectSession',
  method: 'POST',
  summary: 'Start WhatsApp; answers with the first QR or `connected`, else `connecting` after a few seconds',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE'],
});

export const workerPairingCode = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/pairing-code'),
  id: 'workerPairingCode',
  method: 'POST',
  summary: 'A code to type on the phone, in place of a QR',
  body: Ownership.extend({ phoneNumber: PhoneNumber }),
  answer: PairingCode,
  errors: [
    'CONFLICT',
    'SESSION_NOT_CONNECTED',
    'STALE_OWNER',
    'SHUTTING_DOWN',
    'STORAGE_UNAVAILABLE',
    'RATE_LIMITED',
    'WORKER_TIMEOUT',
    'WORKER_ERROR',
  ],
});

export const workerConfigureSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/settings'),
  id: 'workerConfigureSession',
  method: 'POST',
  summary: 'Take new settings; older ones than those it has are ignored',
  body: z.object({ epoch: z.number().int().min(0).optional(), settings: WorkerSettings }),
  answer: WorkerSession,
  errors: ['STALE_OWNER', 'SHUTTING_DOWN'],
});

export const workerSessionStatus = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/status'),
  id: 'workerSessionStatus',
  method: 'GET',
  summary: 'Where the session stands',
  answer: WorkerSession,
});

export const workerDisconnectSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/disconnect'),
  id: 'workerDisconnectSession',
  method: 'POST',
  summary: 'Close the socket, keep the credentials',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER'],
});

export const workerReleaseSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/release'),
  id: 'workerReleaseSession',
  method: 'POST',
  summary: 'Flush, close and let go: once this is answered, another worker may have the session',
  body: Command,
  answer: z.object({
    sessionId: z.string(),
    phoneNumber: z.string().nullable().meta({ description: 'E.164 with +, where an account is linked.' }),
  }),
  errors: ['STALE_OWNER'],
});

export const workerLogoutSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/logout'),
  id: 'workerLogoutSession',
  method: 'POST',
  summary: 'Log out of WhatsApp, delete the credentials, forget the session',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER'],
});

export const workerRestartSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/restart'),
  id: 'workerRestartSession',
  method: 'POST',
  summary: 'Close and connect again',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER', 'SHUTTING_DOWN'],
});

export const workerDeleteSession = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}'),
  id: 'workerDeleteSession',
  method: 'DELETE',
  summary: 'Remove the session and all its files',
  body: Command,
  answer: z.object({ sessionId: z.string() }),
  errors: ['STALE_OWNER'],
});

export const workerSessionRoutes = [
  workerCreateSession,
  workerStartSession,
  workerConnectSession,
  workerPairingCode,
  workerConfigureSession,
  workerSessionStatus,
  workerDisconnectSession,
  workerReleaseSession,
  workerLogoutSession,
  workerRestartSession,
  workerDeleteSession,
] as const;
