import type * as z from 'zod';
import { HistoryPage, type HistoryQuery } from '../../shared/messages/history/history-query.ts';
import { FoundMessage } from '../../shared/messages/history/history-record.ts';
import { readHistory, readHistoryMessage } from '../../shared/messages/history/read-history.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { hop } from '../workers/calls/hop.ts';
import type { WorkerClient } from '../workers/calls/worker-gateway.ts';

/** Storage knows nearly as much as the worker, so the worker gets little time. */
const ASK_MS = 2_000;

/**
 * Asks the session's owner; `undefined` where there is no owner, or where it does not answer in the declared
 * form.
 */
async function askOwner<S extends z.ZodType>(
  deps: Deps,
  { workerEndpoint }: SessionItem,
  requestId: string,
  schema: S,
  ask: (client: WorkerClient, options: { timeoutMs: number }) => Promise<{ status: number; data: unknown }>,
): Promise<z.output<S> | undefined> {
  if (workerEndpoint === undefined) return undefined;
  const client = deps.workers({ endpoint: workerEndpoint, requestId });
  const answer = await hop(ask(client, { timeoutMs: ASK_MS }));
  // Another kind of worker may answer in a form of its own.
  return answer.outcome === 'answered' ? schema.safeParse(answer.data).data : undefined;
}

/** @throws AppError STORAGE_UNAVAILABLE */
export async function readMessages(
  deps: Deps,
  session: SessionItem,
  query: HistoryQuery,
  requestId: string,
): Promise<HistoryPage> {
  const { sessionId, firstEpoch } = session;
  const live = await askOwner(deps, session, requestId, HistoryPage, (client, options) =>
    client.workerListMessages({ params: { sessionId }, query: { ...query, firstEpoch } }, options),
  );
  return live ?? (await readHistory(deps.objects, sessionId, query, { firstEpoch }));
}

/**
 * Returns `undefined` where the history has no message of this id.
 * @throws AppError STORAGE_UNAVAILABLE
 */
export async function findInHistory(
  deps: Deps,
  session: SessionItem,
  messageId: string,
  requestId: string,
): Promise<FoundMessage | undefined> {
  const { sessionId, firstEpoch } = session;
  const live = await askOwner(deps, session, requestId, FoundMessage, (client, options) =>
    client.workerGetMessage({ params: { sessionId, messageId }, query: { firstEpoch } }, options),
  );
  return live ?? (await readHistoryMessage(deps.objects, sessionId, messageId, { firstEpoch }));
}
