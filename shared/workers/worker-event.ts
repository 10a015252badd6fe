import * as z from 'zod';
import { REPORTED_EVENTS } from '../events/worker-report.ts';
import { caseless, Slug } from '../text/slug.ts';

/** Of sessions and of the worker itself, for the log: what tenants are told of a session is a report of its status. */
const LOGGED_EVENTS = [
  'session_created',
  'session_qr_ready',
  'session_connected',
  'session_disconnected',
  'session_deleted',
  'session_status_changed',
  'worker_started',
  'worker_stopping',
  'worker_error',
] as const;

const WORKER_EVENTS = [...LOGGED_EVENTS, ...REPORTED_EVENTS] as const;

/**
 * Lenient, since workers of other makes report what they know; `id` is stable over repeated deliveries; `seq` and `epoch`
 * are the session's.
 */
export const WorkerEvent = z.object({
  event: caseless(WORKER_EVENTS),
  id: z.string().max(128).optional(),
  sessionId: Slug.optional(),
  workerId: z.string().max(128).optional(),
  epoch: z.number().int().optional(),
  seq: z.number().int().optional(),
  data: z.looseObject({}).default({}),
  timestamp: z.string().max(64).optional(),
});
export type WorkerEvent = z.infer<typeof WorkerEvent>;

const MAX_BATCH = 100;

/** One event or `{ events: [...] }`; parsed to a list. */
export const WorkerEvents = z.union([
  z.object({ events: z.array(WorkerEvent).min(1).max(MAX_BATCH) }).transform(({ events }) => events),
  WorkerEvent.transform((event) => [event]),
]);
