import type { Logger } from 'pino';
import * as z from 'zod';
import { SESSION_STATUSES } from '../../shared/sessions/schema.ts';
import { caseless } from '../../shared/text/slug.ts';
import type { WorkerEvent } from '../../shared/workers/worker-event.ts';

/**
 * Only known words of a worker's event are logged: anything else may be a message, a QR secret or free text.
 */
const Shown = z.object({
  status: caseless(SESSION_STATUSES).optional().catch(undefined),
  errorCode: z
    .string()
    .regex(/^[A-Z0-9_]{1,64}$/)
    .optional()
    .catch(undefined),
});

/** Logs an event: those of sessions and of the worker for operators, those of messages for debugging. */
export function logWorkerEvent(
  log: Logger,
  workerId: string,
  { event, sessionId, id, data }: WorkerEvent,
): void {
  const fields = { workerId, event, sessionId, id, ...Shown.parse(data) };
  if (event === 'worker_error') log.warn(fields, 'worker event');
  else if (event.startsWith('session_') || event.startsWith('worker_')) log.info(fields, 'worker event');
  else log.debug(fields, 'worker event');
}
