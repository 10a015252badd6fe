import * as z from 'zod';
import { WORKER_STATUSES } from '../workers/schema.ts';
import { defineEvent } from './define-event.ts';

export const webhookTest = defineEvent({
  type: 'webhook.test',
  summary: 'You asked for it (`POST …/test`). `sessionId` is null, and no other webhook gets it.',
  data: z.object({ webhookId: z.string(), message: z.string() }).meta({ id: 'WebhookTestData' }),
  reports: [],
  withoutFrame: true,
  example: { webhookId: 'wh_00c0ffee00c0ffee00c0', message: 'This is a test event.' },
});

export const workerStatus = defineEvent({
  type: 'worker.status',
  frame: 'worker_status_update',
  summary: 'A worker’s status changed; administrators only.',
  data: z
    .object({
      workerId: z.string(),
      status: z.enum(WORKER_STATUSES),
      maxSessions: z.number().int(),
      sessionCount: z.number().int(),
    })
    .meta({ id: 'WorkerStatusData' }),
  reports: [],
  withoutWebhook: true,
  forAdministrators: true,
  example: { workerId: 'worker-1', status: 'ONLINE', maxSessions: 50, sessionCount: 12 },
});
