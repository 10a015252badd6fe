import { deleteWebhook } from '../../shared/webhooks/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnWebhook } from './own-webhook.ts';

export const handler = implement(deleteWebhook, async ({ caller, params }, deps) => {
  const { userId, webhookId } = await findOwnWebhook(deps, caller, params.webhookId);
  await deps.stores.webhooks.delete(userId, webhookId);
  deps.directory.forget(userId);
  return { data: { webhookId } };
});
