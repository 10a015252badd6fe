import { toDelivery } from '../../shared/webhooks/delivery-item.ts';
import { listDeliveries } from '../../shared/webhooks/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnWebhook } from './own-webhook.ts';

export const handler = implement(listDeliveries, async ({ caller, params, query }, deps) => {
  const { webhookId } = await findOwnWebhook(deps, caller, params.webhookId);
  const { limit, cursor } = query;
  const found = await deps.stores.deliveries.list(webhookId, { limit: limit + 1, after: cursor });
  const page = found.slice(0, limit);
  const hasMore = found.length > limit;
  const last = page.at(-1)?.deliveryId ?? null;
  return {
    data: { deliveries: page.map(toDelivery), pagination: { limit, cursor: hasMore ? last : null, hasMore } },
  };
});
