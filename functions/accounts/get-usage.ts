import { SESSION_LIMITS } from '../../shared/limits/rates.ts';
import { getUsage } from '../../shared/usage/routes.ts';
import { messagesByDay, summarizeMessages } from '../../shared/usage/summarize.ts';
import { implement } from '../http/implement.ts';
import { toRange } from '../usage/meter-session.ts';
import { findOwnAccount } from './find-account.ts';

export const handler = implement(getUsage, async ({ caller }, deps) => {
  const account = await findOwnAccount(deps, caller);
  const range = toRange({}, deps.now());
  const items = await deps.stores.usage.list(account.userId, range);
  const { totals } = summarizeMessages(items, range);
  return {
    data: {
      tier: account.tier,
      sessions: { used: account.sessionIds.size, limit: SESSION_LIMITS[account.tier] },
      messages: { sent: totals.sent, received: totals.received, byDay: messagesByDay(items, range) },
    },
  };
});
