import { AppError } from '../../shared/errors/app-error.ts';
import { updateWebhook } from '../../shared/webhooks/routes.ts';
import { toWebhook } from '../../shared/webhooks/webhook-item.ts';
import { implement } from '../http/implement.ts';
import { checkSessions, checkUrl, findOwnWebhook } from './own-webhook.ts';

export const handler = implement(updateWebhook, async ({ caller, params, body }, deps) => {
  const found = await findOwnWebhook(deps, caller, params.webhookId);
  checkUrl(body.url, deps.outboundPolicy);
  await checkSessions(deps, found, body.sessionIds);
  // Fields that are left out stay as they are.
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const updated = await deps.stores.webhooks.update(found, given);
  if (updated === undefined) throw new AppError('NOT_FOUND', 'There is no webhook with this id.');
  deps.directory.forget(found.userId);
  const shown = body.secret === undefined ? {} : { secret: body.secret };
  return { data: { ...toWebhook(updated), ...shown } };
});
