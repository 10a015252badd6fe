import * as z from 'zod';
import { defineRoute } from '../contract/route.ts';
import { HistoryPage } from '../history/history-query.ts';
import { FoundMessage } from '../history/history-record.ts';
import { Slug } from '../ids/slug.ts';
import { SendAnswer } from '../messages/schema.ts';
import { PairingCode, PhoneNumber, SessionParams } from '../sessions/schema.ts';
import { WorkerSettings } from '../sessions/settings.ts';
import { workerConversationRoutes } from './conversation-routes.ts';
import {
  CreateWorkerSession,
  Ownership,
  WorkerHealth,
  WorkerHistoryQuery,
  WorkerSend,
  WorkerSession,
} from './schema.ts';

/** The worker's routes share one group: they run in one process. */
const base = { group: 'workers', callers: ['worker'] } as const;
const both = <const P extends string>(rest: P) =>
  ({ path: `/api/session${rest}`, aliases: [`/session${rest}`] }) as const;
/** A command's body may be left out altogether. */
const Command = Ownership.default({});

export const workerHealth = defineRoute({
  ...base,
  id: 'workerHealth',
  method: 'GET',
  path: '/health',
  aliases: ['/api/health'],
  summary: 'Load and session counts',
  answer: WorkerHealth,
});

export const workerInfo = defineRoute({
  ...base,
  id: 'workerInfo',
  method: 'GET',
  path: '/info',
  aliases: ['/api/info'],
  summary: 'What this worker is',
  answer: z.object({
    workerId: z.string(),
    version: z.string(),
    environment: z.string(),
    capabilities: z.array(z.string()),
    baileys_version: z.string(),
  }),
});

export const workerLive = defineRoute({
  ...base,
  id: 'workerLive',
  method: 'GET',
  path: '/health/live',
  callers: ['public'],
  summary: 'The process answers',
  answer: z.object({ status: z.literal('ok') }),
});

export const workerReady = defineRoute({
  ...base,
  id: 'workerReady',
  method: 'GET',
  path: '/health/ready',
  callers: ['public'],
  summary: 'The worker takes sessions',
  answer: z.object({ status: z.literal('ok') }),
  errors: ['SHUTTING_DOWN'],
});

export const workerMetrics = defineRoute({
  ...base,
  id: 'workerMetrics',
  method: 'GET',
  path: '/metrics',
  summary: 'Prometheus text',
  answer: z.undefined(),
  raw: ['text/plain'],
});

export const workerCreateSession = defineRoute({
  ...base,
  ...both('/create'),
  id: 'workerCreateSession',
  method: 'POST',
  summary: 'Take a session, without touching WhatsApp',
  body: CreateWorkerSession,
  answer: WorkerSession,
  statuses: [201],
  errors: ['SESSION_EXISTS', 'WORKER_FULL', 'STALE_OWNER', 'SHUTTING_DOWN'],
});

export const workerStartSession = defineRoute({
  ...base,
  ...both('/start'),
  id: 'workerStartSession',
  method: 'POST',
  summary: 'Create where it is new, and connect',
  body: CreateWorkerSession,
  answer: WorkerSession,
  errors: ['WORKER_FULL', 'STALE_OWNER', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE'],
});

const session = { ...base, params: SessionParams } as const;

export const workerConnectSession = defineRoute({
  ...session,
  ...both('/{sessionId}/connect'),
  id: 'workerConnectSession',
  method: 'POST',
  summary: 'Start WhatsApp; answers with the first QR or `connected`, else `connecting` after a few seconds',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE'],
});

export const workerPairingCode = defineRoute({
  ...session,
  ...both('/{sessionId}/pairing-code'),
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
  ...both('/{sessionId}/settings'),
  id: 'workerConfigureSession',
  method: 'POST',
  summary: 'Take new settings; older ones than those it has are ignored',
  body: z.object({ epoch: z.number().int().min(0).optional(), settings: WorkerSettings }),
  answer: WorkerSession,
  errors: ['STALE_OWNER', 'SHUTTING_DOWN'],
});

export const workerSessionStatus = defineRoute({
  ...session,
  ...both('/{sessionId}/status'),
  id: 'workerSessionStatus',
  method: 'GET',
  summary: 'Where the session stands',
  answer: WorkerSession,
});

export const workerDisconnectSession = defineRoute({
  ...session,
  ...both('/{sessionId}/disconnect'),
  id: 'workerDisconnectSession',
  method: 'POST',
  summary: 'Close the socket, keep the credentials',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER'],
});

export const workerLogoutSession = defineRoute({
  ...session,
  ...both('/{sessionId}/logout'),
  id: 'workerLogoutSession',
  method: 'POST',
  summary: 'Log out of WhatsApp, delete the credentials, forget the session',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER'],
});

export const workerRestartSession = defineRoute({
  ...session,
  ...both('/{sessionId}/restart'),
  id: 'workerRestartSession',
  method: 'POST',
  summary: 'Close and connect again',
  body: Command,
  answer: WorkerSession,
  errors: ['STALE_OWNER', 'SHUTTING_DOWN'],
});

export const workerDeleteSession = defineRoute({
  ...session,
  ...both('/{sessionId}'),
  id: 'workerDeleteSession',
  method: 'DELETE',
  summary: 'Remove the session and all its files',
  body: Command,
  answer: z.object({ sessionId: z.string() }),
  errors: ['STALE_OWNER'],
});

const sendErrors = [
  'SESSION_NOT_CONNECTED',
  'STALE_OWNER',
  'MEDIA_UNAVAILABLE',
  'FORBIDDEN',
  'CONFLICT',
  'GROUP_NOT_FOUND',
  'MESSAGE_REJECTED',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'SHUTTING_DOWN',
] as const;

export const workerSend = defineRoute({
  ...session,
  ...both('/{sessionId}/send'),
  id: 'workerSend',
  method: 'POST',
  summary: 'Send a message',
  body: WorkerSend,
  answer: SendAnswer,
  statuses: [200, 202],
  errors: sendErrors,
});

export const workerListMessages = defineRoute({
  ...session,
  ...both('/{sessionId}/messages'),
  id: 'workerListMessages',
  method: 'GET',
  summary:
    'What the session has sent and received, the newest first, also what is not written to storage yet',
  query: WorkerHistoryQuery,
  answer: HistoryPage,
  errors: ['STORAGE_UNAVAILABLE'],
});

export const workerGetMessage = defineRoute({
  ...session,
  ...both('/{sessionId}/messages/{messageId}'),
  id: 'workerGetMessage',
  method: 'GET',
  summary: 'One of them with the steps of its status',
  params: SessionParams.extend({ messageId: z.string().min(1).max(128) }),
  query: WorkerHistoryQuery.pick({ firstEpoch: true }),
  answer: FoundMessage,
  errors: ['STORAGE_UNAVAILABLE'],
});

export const workerSendGeneric = defineRoute({
  ...base,
  id: 'workerSendGeneric',
  method: 'POST',
  path: '/message/send',
  summary: 'The same with the session in the body (S4)',
  body: WorkerSend.and(z.object({ sessionId: Slug })),
  answer: SendAnswer,
  statuses: [200, 202],
  errors: sendErrors,
});

export const workerRoutes = [
  workerHealth,
  workerInfo,
  workerLive,
  workerReady,
  workerMetrics,
  workerCreateSession,
  workerStartSession,
  workerConnectSession,
  workerPairingCode,
  workerConfigureSession,
  workerSessionStatus,
  workerDisconnectSession,
  workerLogoutSession,
  workerRestartSession,
  workerDeleteSession,
  workerSend,
  workerListMessages,
  workerGetMessage,
  workerSendGeneric,
  ...workerConversationRoutes,
] as const;
