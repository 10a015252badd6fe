import { AppError } from '../../shared/errors/app-error.ts';
import type { OutboundPolicy } from '../../shared/outbound/outbound-policy.ts';
import { findUrlFault } from '../../shared/outbound/outbound-policy.ts';
import type { WebhookItem } from '../../shared/webhooks/webhook-item.ts';
import type { Deps } from '../deps.ts';
import { asTenant, type Caller, type TenantCaller } from '../http/caller.ts';

/**
 * Webhooks belong to the account: a key for one session must not listen to others.
 * @throws AppError FORBIDDEN
 */
export function asAccount(caller: Caller): TenantCaller {
  const tenant = asTenant(caller);
  if (tenant.kind === 'apiKey' && tenant.sessionId !== undefined)
    throw new AppError(
      'FORBIDDEN',
      'This key reaches one session only. Use a key of the account, or log in.',
    );
  return tenant;
}

/**
 * Finds a webhook of the caller's account. Another tenant's is answered exactly as a missing one.
 * @throws AppError NOT_FOUND, FORBIDDEN
 */
export async function findOwnWebhook(deps: Deps, caller: Caller, webhookId: string): Promise<WebhookItem> {
  const { userId } = asAccount(caller);
  const found = await deps.stores.webhooks.get(userId, webhookId);
  if (found === undefined) throw new AppError('NOT_FOUND', 'There is no webhook with this id.');
  return found;
}

/** @throws AppError VALIDATION_ERROR for a URL that would never be called */
export function checkUrl(url: string | undefined, policy: OutboundPolicy): void {
  const message = url === undefined ? undefined : findUrlFault(url, policy);
  if (message === undefined) return;
  const details = [{ path: 'url', message }];
  throw new AppError('VALIDATION_ERROR', `Check "url" in the body: ${message}.`, { details });
}

/**
 * Checks that a webhook names sessions of its own account only: it would wait for others in vain. Sessions
 * that it already names may have been deleted since.
 * @throws AppError NOT_FOUND
 */
export async function checkSessions(
  deps: Deps,
  { userId, sessionIds: known }: Pick<WebhookItem, 'userId' | 'sessionIds'>,
  sessionIds: readonly string[] | null | undefined,
): Promise<void> {
  if (!sessionIds) return;
  const added = [...new Set(sessionIds)].filter((sessionId) => known?.includes(sessionId) !== true);
  if (added.length === 0) return;
  const found = await deps.stores.sessions.getMany(added);
  const own = found.filter((each) => each.userId === userId && each.deletedAt === undefined);
  const missing = added.find((sessionId) => !own.some((each) => each.sessionId === sessionId));
  if (missing === undefined) return;
  const path = `sessionIds.${sessionIds.indexOf(missing)}`;
  throw new AppError('NOT_FOUND', `Check "${path}" in the body: there is no session with this id.`);
}

/** @throws AppError CONFLICT */
export function requireActive({ active }: WebhookItem): void {
  if (!active)
    throw new AppError(
      'CONFLICT',
      'This webhook is switched off. Switch it on with { "active": true } first.',
    );
}
