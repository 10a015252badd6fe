import { reportSessionStatus } from '../../../shared/workers/reports/routes.ts';
import { implement } from '../../http/implement.ts';
import { staleOwner, takeSessionReport } from './take-session-report.ts';

export const handler = implement(reportSessionStatus, async ({ body }, deps) => {
  const session = await deps.stores.sessions.get(body.sessionId);
  const verdict = session === undefined ? 'stale' : await takeSessionReport(deps, session, body);
  if (verdict === 'stale') throw staleOwner();
  return { data: { applied: verdict === 'apply' }, message: 'Session status updated' };
});
