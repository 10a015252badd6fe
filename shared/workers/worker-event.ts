import * as z from 'zod';
import { caseless, Slug } from '../text/slug.ts';

export const WORKER_EVENTS = [
  'session_created',
  'session_qr_ready',
  'session_connected',
  'session_disconnected',
  'session_deleted',
  'session_status_changed',
  'message_sent',
  'message_received',
  'message_failed',
  'message_reaction',
  'message_edited',
  'message_revoked',
  'message_undecryptable',
  'poll_vote',
  'event_response',
  'group_updated',
  'call_received',
  'worker_started',
  'worker_stopping',
  'worker_error',
] as const;

/** `id` stays the same over repeated deliveries; `seq` and `epoch` are the session's. */
export const WorkerEvent = z.object({
  event: caseless(WORKER_EVENTS),
  id: z.string().max(128).optional(),
  sessionId: Slug.optional(),
  workerId: z.string().max(128).optional(),
  epoch: z.number().int().optional(),
  seq: z.number().int().optional(),
  data: z.record(z.string(), z.unknown()).default({}),
  timestamp: z.string().max(64).optional(),
});
export type WorkerEvent = z.infer<typeof WorkerEvent>;

const MAX_BATCH = 100;

/** One event or `{ events: [...] }`; parsed to a list. */
export const WorkerEvents = z.union([
  z.object({ events: z.array(WorkerEvent).min(1).max(MAX_BATCH) }).transform(({ events }) => events),
  WorkerEvent.transform((event) => [event]),
]);
