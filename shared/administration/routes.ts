import * as z from 'zod';
import { PageQuery, Pagination } from '../contract/paging.ts';
import { defineRoute } from '../contract/route.ts';
import { SESSION_STATUSES, Session, SessionParams } from '../sessions/schema.ts';
import { caseless, Slug } from '../text/slug.ts';
import { prose } from '../text/text.ts';
import {
  ENVIRONMENTS,
  Endpoint,
  SessionBreakdown,
  WORKER_STATUSES,
  WorkerParams,
} from '../workers/schema.ts';

/** A worker as administrators see it; the worker with the lowest score is chosen first. */
export const Worker = z.object({
  workerId: z.string(),
  endpoint: z.string(),
  description: z.string().nullable(),
  status: z.enum(WORKER_STATUSES),
  maxSessions: z.number().int(),
  sessionCount: z.number().int(),
  sessionBreakdown: SessionBreakdown,
  cpuUsage: z.number(),
  memoryUsage: z.number(),
  uptime: z.number(),
  version: z.string(),
  environment: z.enum(ENVIRONMENTS),
  capabilities: z.array(z.string()),
  score: z.number().nullable().meta({ description: 'Null for a worker that takes no sessions now.' }),
  lastHeartbeat: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type Worker = z.infer<typeof Worker>;

const workers = { group: 'admin', callers: ['admin'] } as const;
const oneWorker = { ...workers, params: WorkerParams, path: '/api/v1/workers/{workerId}' } as const;

export const listWorkers = defineRoute({
  ...workers,
  id: 'listWorkers',
  method: 'GET',
  path: '/api/v1/workers',
  summary: 'All workers with score and load',
  query: PageQuery.extend({ status: caseless(WORKER_STATUSES).optional() }),
  answer: z.object({ workers: z.array(Worker), pagination: Pagination }),
});

export const getWorker = defineRoute({
  ...oneWorker,
  id: 'getWorker',
  method: 'GET',
  summary: 'One worker',
  answer: Worker,
});

export const addWorker = defineRoute({
  ...workers,
  id: 'addWorker',
  method: 'POST',
  path: '/api/v1/workers',
  summary: 'Add a worker by hand; its connectivity is tested first and its id comes from its /info',
  body: z.object({
    endpoint: Endpoint,
    maxSessions: z.number().int().min(1).max(10_000),
    description: prose().max(500).optional(),
  }),
  answer: Worker,
  statuses: [201],
  errors: ['WORKER_EXISTS', 'WORKER_UNREACHABLE', 'WORKER_ERROR', 'WORKER_TIMEOUT'],
  idempotent: true,
});

export const updateWorker = defineRoute({
  ...oneWorker,
  id: 'updateWorker',
  method: 'PUT',
  alsoBy: { PATCH: 'patchWorker' },
  summary: 'Change a worker; MAINTENANCE and DRAINING move its sessions away',
  body: z.object({
    maxSessions: z.number().int().min(1).max(10_000).optional(),
    description: prose().max(500).optional(),
    status: caseless(WORKER_STATUSES)
      .meta({
        description: 'ONLINE, MAINTENANCE or DRAINING: a worker is OFFLINE once it has stopped.',
        enum: WORKER_STATUSES.filter((status) => status !== 'OFFLINE'),
      })
      .optional(),
  }),
  answer: Worker,
});

export const drainWorker = defineRoute({
  ...workers,
  id: 'drainWorker',
  method: 'POST',
  path: '/api/v1/workers/{workerId}/drain',
  summary: 'Move all its sessions away, session by session',
  params: WorkerParams,
  answer: z.object({ workerId: z.string(), status: z.literal('DRAINING'), sessions: z.number().int() }),
  statuses: [202],
});

export const getWorkerStatistics = defineRoute({
  ...workers,
  id: 'getWorkerStatistics',
  method: 'GET',
  path: '/api/v1/workers/statistics',
  summary: 'Totals over all workers',
  answer: z.object({
    totalWorkers: z.number().int(),
    byStatus: z.record(z.enum(WORKER_STATUSES), z.number().int()),
    capacity: z.object({ total: z.number().int(), used: z.number().int(), available: z.number().int() }),
    utilization: z.number().meta({ description: 'Used share of the capacity, 0 to 100.' }),
    sessionsByStatus: SessionBreakdown,
  }),
});

export const testWorker = defineRoute({
  ...workers,
  id: 'testWorker',
  method: 'POST',
  path: '/api/v1/workers/test',
  summary: 'Whether a worker answers at this endpoint',
  body: z.object({ endpoint: Endpoint }),
  answer: z.object({
    endpoint: z.string(),
    status: z.enum(['online', 'offline']),
    responseTime: z.number(),
    message: z.string(),
  }),
});

const HealthResult = z.object({
  workerId: z.string(),
  endpoint: z.string(),
  status: z.enum(['online', 'offline']),
  responseTime: z.number().optional(),
  error: z.string().optional(),
  checkedAt: z.iso.datetime(),
});

export const checkWorkersHealth = defineRoute({
  ...workers,
  id: 'checkWorkersHealth',
  method: 'POST',
  path: '/api/v1/workers/health-check',
  summary: 'Check every worker now',
  answer: z.object({
    summary: z.object({
      totalWorkers: z.number().int(),
      onlineWorkers: z.number().int(),
      offlineWorkers: z.number().int(),
      averageResponseTime: z.number(),
    }),
    results: z.array(HealthResult),
  }),
});

export const MonitorState = z.object({
  running: z.boolean(),
  intervalMs: z.number().int(),
  lastRunAt: z.iso.datetime().nullable(),
  changedAt: z.iso.datetime().nullable(),
});

const monitor = { ...workers, answer: MonitorState } as const;

export const startHealthMonitor = defineRoute({
  ...monitor,
  id: 'startHealthMonitor',
  method: 'POST',
  path: '/api/v1/workers/health/start',
  summary: 'Switch the periodic monitor on',
});

export const stopHealthMonitor = defineRoute({
  ...monitor,
  id: 'stopHealthMonitor',
  method: 'POST',
  path: '/api/v1/workers/health/stop',
  summary: 'Switch the periodic monitor off',
});

export const getHealthMonitor = defineRoute({
  ...monitor,
  id: 'getHealthMonitor',
  method: 'GET',
  path: '/api/v1/workers/health/status',
  summary: 'Whether the periodic monitor runs',
});

/** A session as administrators see it. */
export const AdminSession = Session.extend({
  userId: z.string(),
  workerId: z.string().nullable(),
  epoch: z.number().int(),
});

export const getOverview = defineRoute({
  ...workers,
  id: 'getOverview',
  method: 'GET',
  path: '/api/v1/admin/overview',
  summary: 'The whole gateway at a glance',
  answer: z.object({
    workers: z.object({ total: z.number().int(), online: z.number().int() }),
    capacity: z.object({ total: z.number().int(), used: z.number().int() }),
    sessions: SessionBreakdown,
    messagesToday: z.object({ sent: z.number().int(), received: z.number().int() }),
  }),
});

export const listAllSessions = defineRoute({
  ...workers,
  id: 'listAllSessions',
  method: 'GET',
  path: '/api/v1/admin/sessions',
  summary: 'Sessions across tenants',
  query: PageQuery.extend({ status: caseless(SESSION_STATUSES).optional(), workerId: Slug.optional() }),
  answer: z.object({ sessions: z.array(AdminSession), pagination: Pagination }),
});

export const bulkSessions = defineRoute({
  ...workers,
  id: 'bulkSessions',
  method: 'POST',
  path: '/api/v1/admin/sessions/bulk',
  summary: 'The same operation on many sessions, with a result per id',
  body: z.object({
    action: caseless(['disconnect', 'restart', 'migrate', 'delete']),
    sessionIds: z.array(Slug).min(1).max(100),
  }),
  answer: z.object({
    results: z.array(
      z.object({
        sessionId: z.string(),
        ok: z.boolean(),
        status: z.string().optional(),
        error: z.string().optional(),
        code: z.string().optional(),
      }),
    ),
  }),
});

export const migrateSession = defineRoute({
  ...workers,
  id: 'migrateSession',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/migrate',
  summary: 'Move a session to another worker; no QR, nothing lost',
  params: SessionParams,
  body: z.object({ workerId: Slug.optional() }).default({}),
  answer: z.object({ sessionId: z.string(), workerId: z.string().nullable() }),
  statuses: [202],
  errors: ['NO_WORKER_AVAILABLE', 'CONFLICT'],
});

export const administrationRoutes = [
  listWorkers,
  getWorkerStatistics,
  getWorker,
  addWorker,
  updateWorker,
  drainWorker,
  testWorker,
  checkWorkersHealth,
  startHealthMonitor,
  stopHealthMonitor,
  getHealthMonitor,
  getOverview,
  listAllSessions,
  bulkSessions,
  migrateSession,
] as const;
