import { AppError } from '../../shared/errors/app-error.ts';
import { replayDelivery } from '../../shared/webhooks/routes.ts';
import { implement } from '../http/implement.ts';
import { laterMessage } from './delivery/delivery-message.ts';
import { CLAIM_MS } from './delivery/sweep.ts';
import { findOwnWebhook, requireActive } from './own-webhook.ts';

export const handler = implement(replayDelivery, async ({ caller, params }, deps) => {
  const { deliveries } = deps.stores;
  const webhook = await findOwnWebhook(deps, caller, params.webhookId);
  const { webhookId } = webhook;
  const { deliveryId } = params;
  const found = await deliveries.get({ webhookId, deliveryId });
  if (found === undefined) throw new AppError('NOT_FOUND', 'There is no delivery with this id.');
  requireActive(webhook);
  const dueAt = new Date(deps.now() + CLAIM_MS).toISOString();
  const restarted = await deliveries.restart(found, dueAt);
  if (restarted === undefined)
    throw new AppError('CONFLICT', 'This delivery has just changed. Look at it, then try again.');
  await deps.queues.deliveries.send([laterMessage(restarted, dueAt)]);
  return { data: { deliveryId } };
});
