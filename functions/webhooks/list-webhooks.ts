import { fromCursor, takePage } from '../../shared/contract/cursor.ts';
import { listWebhooks } from '../../shared/webhooks/routes.ts';
import { toWebhook } from '../../shared/webhooks/webhook-item.ts';
import { implement } from '../http/implement.ts';
import { asAccount } from './own-webhook.ts';

export const handler = implement(listWebhooks, async ({ caller, query }, deps) => {
  const { userId } = asAccount(caller);
  const all = await deps.stores.webhooks.list(userId);
  const after = fromCursor('webhooks', query.cursor) ?? '';
  const rest = all.filter(({ webhookId }) => webhookId > after);
  const { page, pagination } = takePage('webhooks', query, rest, ({ webhookId }) => webhookId);
  return { data: { webhooks: page.map(toWebhook), pagination } };
});
