import { fromCursor, takePage } from '../../shared/contract/cursor.ts';
import { toDelivery } from '../../shared/webhooks/delivery/delivery-item.ts';
import { listDeliveries } from '../../shared/webhooks/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnWebhook } from './own-webhook.ts';

export const handler = implement(listDeliveries, async ({ caller, params, query }, deps) => {
  const { webhookId } = await findOwnWebhook(deps, caller, params.webhookId);
  const after = fromCursor('deliveries', query.cursor);
  const found = await deps.stores.deliveries.list(webhookId, { limit: query.limit + 1, after });
  const { page, pagination } = takePage('deliveries', query, found, ({ deliveryId }) => deliveryId);
  return { data: { deliveries: page.map(toDelivery), pagination } };
});
