import * as z from 'zod';
import { defineRoute } from '../contract/route.ts';
import { caseless, Slug } from '../text/slug.ts';
import { HeartbeatBody } from './heartbeat.ts';
import {
  Assignment,
  HeartbeatAnswer,
  RegistrationAnswer,
  WorkerParams,
  WorkerRegistration,
} from './schema.ts';
import { WorkerEvents } from './worker-event.ts';

const base = { group: 'workers', callers: ['worker'] } as const;

export const registerWorker = defineRoute({
  ...base,
  id: 'registerWorker',
  method: 'POST',
  path: '/api/v1/workers/register',
  aliases: ['/api/v1/admin/workers/register'],
  summary: 'A worker announces itself and learns what it owns',
  body: WorkerRegistration,
  answer: RegistrationAnswer,
  errors: ['WORKER_EXISTS', 'FENCED'],
});

export const heartbeatWorker = defineRoute({
  ...base,
  id: 'heartbeatWorker',
  method: 'PUT',
  path: '/api/v1/workers/{workerId}/heartbeat',
  aliases: ['/api/v1/admin/workers/{workerId}/heartbeat'],
  summary: 'A worker reports, extends its lease, and learns what its sessions should be',
  params: WorkerParams,
  body: HeartbeatBody,
  answer: HeartbeatAnswer,
  errors: ['FENCED'],
});

export const recordWorkerEvents = defineRoute({
  ...base,
  id: 'recordWorkerEvents',
  method: 'POST',
  path: '/api/v1/workers/{workerId}/events',
  summary: 'One event or a batch',
  params: WorkerParams,
  body: WorkerEvents,
  answer: z.object({ received: z.number().int() }),
  errors: ['STALE_OWNER'],
});

export const unregisterSelf = defineRoute({
  ...base,
  id: 'unregisterSelf',
  method: 'DELETE',
  path: '/api/v1/workers/unregister',
  summary: 'A worker leaves; its sessions are placed elsewhere at once',
  description:
    'A process names the boot id that it has registered under: a late call of an earlier one changes nothing.',
  body: z.object({ workerId: Slug, bootId: z.string().max(64).optional() }),
  errors: ['FENCED'],
  answer: z.object({ workerId: z.string(), migrated: z.number().int(), pending: z.number().int() }),
});

export const unregisterWorker = defineRoute({
  ...base,
  id: 'unregisterWorker',
  method: 'DELETE',
  path: '/api/v1/workers/{workerId}',
  callers: ['worker', 'admin'],
  summary: 'Remove a worker: at once where it has ended, else after its sessions have moved',
  description:
    'A worker that runs is drained first: 202, and it goes once it is empty. A process that names its boot id leaves at once.',
  params: WorkerParams,
  query: z.object({ bootId: z.string().max(64).optional() }),
  statuses: [200, 202],
  errors: ['FENCED'],
  answer: z.object({ workerId: z.string(), migrated: z.number().int(), pending: z.number().int() }),
});

export const releaseSession = defineRoute({
  ...base,
  id: 'releaseSession',
  method: 'POST',
  path: '/api/v1/workers/{workerId}/sessions/release',
  summary:
    'One session is closed and flushed, and is not opened again under this epoch: it may be placed elsewhere',
  params: WorkerParams,
  body: z.object({
    sessionId: Slug,
    epoch: z.number().int(),
    rev: z.number().int().optional().meta({
      description:
        'Of the order by which it let go, or which it cannot carry out. Absent: the worker leaves.',
    }),
    phoneNumber: z.string().max(32).nullish(),
  }),
  answer: z.object({ sessionId: z.string(), placed: z.boolean() }),
  errors: ['STALE_OWNER'],
});

export const getSessionOrder = defineRoute({
  ...base,
  id: 'getSessionOrder',
  method: 'GET',
  path: '/api/v1/workers/{workerId}/sessions/{sessionId}/order',
  summary: 'What a worker shall make of one session, as the answer to its heartbeat has it',
  description:
    'For a worker whose session was taken over by another login: whose it is decides who comes back.',
  params: WorkerParams.extend({ sessionId: Slug }),
  answer: Assignment,
  errors: ['FENCED'],
});

export const listAssignedSessions = defineRoute({
  ...base,
  id: 'listAssignedSessions',
  method: 'GET',
  path: '/api/v1/workers/{workerId}/sessions/assigned',
  summary: 'What a restarted worker has to restore',
  params: WorkerParams,
  answer: z.object({ workerId: z.string(), sessions: z.array(Assignment) }),
});

export const reportRecovery = defineRoute({
  ...base,
  id: 'reportRecovery',
  storeless: true,
  method: 'POST',
  path: '/api/v1/workers/{workerId}/sessions/recovery-status',
  summary: 'How the restoring went, session by session',
  params: WorkerParams,
  body: z.object({
    sessions: z
      .array(
        z.object({
          sessionId: Slug,
          status: caseless(['recovered', 'failed', 'skipped']),
          error: z.string().max(500).optional(),
        }),
      )
      .max(10_000),
  }),
  answer: z.object({ recovered: z.number().int(), failed: z.number().int(), skipped: z.number().int() }),
});

export const workerControlRoutes = [
  registerWorker,
  heartbeatWorker,
  recordWorkerEvents,
  unregisterSelf,
  unregisterWorker,
  releaseSession,
  getSessionOrder,
  listAssignedSessions,
  reportRecovery,
] as const;
