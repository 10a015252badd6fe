import { getMessageAnalytics } from '../../shared/usage/routes.ts';
import { summarizeMessages } from '../../shared/usage/summarize.ts';
import { asUser } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { toRange } from './meter-session.ts';

export const handler = implement(getMessageAnalytics, async ({ caller, query }, deps) => {
  const range = toRange(query, deps.now());
  const items = await deps.stores.usage.list(asUser(caller).userId, range);
  const asked = items.filter(
    ({ sessionId }) => query.sessionId === undefined || sessionId === query.sessionId,
  );
  return { data: summarizeMessages(asked, range) };
});
