import PQueue from 'p-queue';
import { bulkSessions } from '../../shared/administration/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { restart } from '../sessions/lifecycle/connect.ts';
import { disconnect } from '../sessions/lifecycle/disconnect.ts';
import { removeSession } from '../sessions/lifecycle/remove-session.ts';
import { noSuchSession } from '../sessions/own-session.ts';
import { migrate } from './moves/migrate.ts';

const CONCURRENCY = 10;
/** Nothing new starts after this time, so that the caller gets an answer. */
const PATIENCE_MS = 18_000;

type Action = 'disconnect' | 'restart' | 'migrate' | 'delete';
interface Result {
  sessionId: string;
  ok: boolean;
  status?: string;
  error?: string;
  code?: string;
}

const OPERATIONS: Readonly<
  Record<Action, (deps: Deps, session: SessionItem, requestId: string) => Promise<string>>
> = {
  disconnect: async (deps, session, requestId) => (await disconnect(deps, session, requestId)).data.status,
  restart: async (deps, session, requestId) => (await restart(deps, session, requestId)).data.status,
  migrate: async (deps, session, requestId) => (await migrate(deps, session, { requestId })).status,
  delete: async (deps, session, requestId) => {
    await removeSession(deps, session, requestId);
    return 'DELETED';
  },
};

function toFailure(sessionId: string, thrown: unknown, deps: Deps, requestId: string): Result {
  if (thrown instanceof AppError) return { sessionId, ok: false, error: thrown.message, code: thrown.code };
  deps.log.error({ err: thrown, sessionId, requestId }, 'one of many operations failed unexpectedly');
  return { sessionId, ok: false, error: 'Something went wrong on our side.', code: 'INTERNAL_ERROR' };
}

export const handler = implement(bulkSessions, async ({ body, requestId }, deps) => {
  const sessionIds = [...new Set(body.sessionIds)];
  const found = await deps.stores.sessions.getMany(sessionIds);
  const byId = new Map(found.map((session) => [session.sessionId, session]));
  const deadline = deps.now() + PATIENCE_MS;
  async function operate(sessionId: string): Promise<Result> {
    try {
      const session = byId.get(sessionId);
      if (session === undefined || session.deletedAt !== undefined) throw noSuchSession();
      if (deps.now() > deadline)
        throw new AppError('WORKER_TIMEOUT', 'There was no time left for this one. Ask again for the rest.');
      const status = await OPERATIONS[body.action](deps, session, requestId);
      return { sessionId, ok: true, status };
    } catch (thrown) {
      return toFailure(sessionId, thrown, deps, requestId);
    }
  }
  const queue = new PQueue({ concurrency: CONCURRENCY });
  return { data: { results: await queue.addAll(sessionIds.map((id) => () => operate(id))) } };
});
