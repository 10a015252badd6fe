import type { Deps } from '../../../functions/deps.ts';
import { WorkerItem, workerKey } from '../../../shared/workers/worker-item.ts';
import { requireHost } from '../engine/host.ts';
import type { ModelTable } from '../models/model-table.ts';
import type { Ledger } from '../parts/ledger.ts';

const REMEMBERED_MS = 60_000;
const ADOPTING = /^(?:heartbeatWorker|registerWorker)/;

/**
 * Sees to it that no worker adopts more than it may hold. Others may place sessions there at the same moment, which
 * nobody can see: those do not count.
 */
export function watchCapacity(
  { stores }: Deps,
  { table, ledger }: { table: ModelTable; ledger: Ledger },
): void {
  let placed: { workerId: string; sessionId: string; at: number; by: string }[] = [];
  const { assign } = stores.sessions;
  const heldBy = (workerId: string) =>
    table
      .peekAll('SESSION#')
      .filter(
        (item) => item['workerId'] === workerId && item['desired'] === 'connected' && !item['deletedAt'],
      );
  stores.sessions.assign = async (session, owner, terms) => {
    const assigned = await assign(session, owner, terms);
    const host = requireHost();
    const { workerId } = owner;
    const { sessionId } = session;
    placed = [
      ...placed.filter(({ at }) => at > host.time.now - REMEMBERED_MS),
      { workerId, sessionId, at: host.time.now, by: host.name },
    ];
    if (assigned === undefined || !ADOPTING.test(host.name) || session.workerId !== undefined)
      return assigned;
    const worker = WorkerItem.safeParse(table.peek(workerKey(workerId))).data;
    const most = worker?.wanted?.maxSessions ?? worker?.maxSessions ?? 0;
    const unseen = placed.filter((each) => each.at >= host.startedAt && each.by !== host.name);
    const held = heldBy(workerId).filter(
      (item) => !unseen.some((each) => each.sessionId === item['sessionId']),
    );
    if (assigned.desired === 'connected' && held.length > most)
      ledger.break(
        'adoption stays within capacity',
        `${workerId}, which may hold ${most}, has adopted ${sessionId} as its ${held.length}th`,
      );
    return assigned;
  };
}
