import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';

/** The index says where to look, the sessions themselves say whose they are. */
export async function listOwned(deps: Deps, workerId: string): Promise<SessionItem[]> {
  const { sessions } = deps.stores;
  const found = await sessions.getMany(await sessions.listIdsOfWorker(workerId));
  return found.filter((session) => session.workerId === workerId);
}
