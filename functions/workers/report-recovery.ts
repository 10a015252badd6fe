import { reportRecovery } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';

export const handler = implement(reportRecovery, async ({ params: { workerId }, body, log }) => {
  const counts = { recovered: 0, failed: 0, skipped: 0 };
  for (const { sessionId, status, error } of body.sessions) {
    counts[status] += 1;
    // The sessions' own reports set their status; this is logged for operators.
    if (status === 'failed') log.warn({ workerId, sessionId, reason: error }, 'a session was not recovered');
  }
  log.info({ workerId, ...counts }, 'recovery reported');
  return { data: counts };
});
