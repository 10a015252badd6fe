import { AppError } from '../../shared/errors/app-error.ts';
import { newSecret } from '../../shared/webhooks/delivery/sign.ts';
import { createWebhook } from '../../shared/webhooks/routes.ts';
import { MAX_WEBHOOKS, toWebhook } from '../../shared/webhooks/webhook-item.ts';
import { implement } from '../http/implement.ts';
import { asAccount, checkSessions, checkUrl } from './own-webhook.ts';

export const handler = implement(createWebhook, async ({ caller, body }, deps) => {
  const { userId } = asAccount(caller);
  checkUrl(body.url, deps.outboundPolicy);
  await checkSessions(deps, { userId, sessionIds: null }, body.sessionIds);
  const { url, events, sessionIds = null, active = true, secret = newSecret(), batch = false } = body;
  const created = await deps.stores.webhooks.create(userId, {
    ...{ url, events, sessionIds, active, secret, batch },
  });
  if (created === undefined)
    throw new AppError('CONFLICT', `An account has at most ${MAX_WEBHOOKS} webhooks. Delete one first.`);
  deps.directory.forget(userId);
  return { data: { ...toWebhook(created), secret } };
});
