import { listWebhooks } from '../../shared/webhooks/routes.ts';
import { toWebhook } from '../../shared/webhooks/webhook-item.ts';
import { implement } from '../http/implement.ts';
import { asAccount } from './own-webhook.ts';

export const handler = implement(listWebhooks, async ({ caller, query: { limit, cursor } }, deps) => {
  const { userId } = asAccount(caller);
  const all = await deps.stores.webhooks.list(userId);
  const rest = all.filter(({ webhookId }) => cursor === undefined || webhookId > cursor);
  const page = rest.slice(0, limit);
  const hasMore = rest.length > limit;
  const last = page.at(-1)?.webhookId ?? null;
  return {
    data: { webhooks: page.map(toWebhook), pagination: { limit, cursor: hasMore ? last : null, hasMore } },
  };
});
