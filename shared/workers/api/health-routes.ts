import * as z from 'zod';
import { defineRoute } from '../../contract/route.ts';
import { WorkerHealth, workerRoute } from './schema.ts';

export const workerHealth = defineRoute({
  ...workerRoute,
  id: 'workerHealth',
  method: 'GET',
  path: '/health',
  aliases: ['/api/health'],
  summary: 'Load and session counts',
  answer: WorkerHealth,
});

export const workerInfo = defineRoute({
  ...workerRoute,
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
  ...workerRoute,
  id: 'workerLive',
  method: 'GET',
  path: '/health/live',
  callers: ['public'],
  summary: 'The process answers',
  answer: z.object({ status: z.literal('ok') }),
});

export const workerReady = defineRoute({
  ...workerRoute,
  id: 'workerReady',
  method: 'GET',
  path: '/health/ready',
  callers: ['public'],
  summary: 'The worker takes sessions',
  answer: z.object({ status: z.literal('ok') }),
  errors: ['SHUTTING_DOWN'],
});

export const workerMetrics = defineRoute({
  ...workerRoute,
  id: 'workerMetrics',
  method: 'GET',
  path: '/metrics',
  summary: 'Prometheus text',
  answer: z.undefined(),
  raw: ['text/plain'],
});

export const workerHealthRoutes = [workerHealth, workerInfo, workerLive, workerReady, workerMetrics] as const;
