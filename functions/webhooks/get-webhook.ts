import { getWebhook } from '../../shared/webhooks/routes.ts';
import { toWebhook } from '../../shared/webhooks/webhook-item.ts';
import { implement } from '../http/implement.ts';
import { findOwnWebhook } from './own-webhook.ts';

export const handler = implement(getWebhook, async ({ caller, params }, deps) => ({
  data: toWebhook(await findOwnWebhook(deps, caller, params.webhookId)),
}));
