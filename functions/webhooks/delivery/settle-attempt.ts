import type { Settlement } from '../../../shared/webhooks/delivery/delivery-store.ts';
import { nextDelayMs, SWITCH_OFF_AFTER_MS } from '../../../shared/webhooks/delivery/retry-schedule.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import type { AttemptResult } from './attempt-delivery.ts';
import type { DeliveryDeps } from './delivery-deps.ts';

/** Decides what follows from an attempt, after `failures` failed ones in this schedule. */
export function planNext(
  { now, random }: Pick<DeliveryDeps, 'now' | 'random'>,
  failures: number,
  { delivered, gone, retryAfterMs }: AttemptResult,
): Settlement {
  if (delivered) return { status: 'delivered' };
  const delay = gone ? undefined : nextDelayMs(failures + 1, random(), retryAfterMs);
  if (delay === undefined) return { status: 'failed' };
  return { status: 'retrying', dueAt: new Date(now() + delay).toISOString() };
}

const GONE = 'The endpoint answered 410 Gone.';
const FAILING = 'The endpoint has answered nothing with success for three days.';

/** Updates the endpoint's record, and switches the endpoint off where it has been failing for long. */
export async function judgeEndpoint(
  deps: Pick<DeliveryDeps, 'stores' | 'directory' | 'now' | 'log'>,
  webhook: WebhookItem,
  { delivered, gone }: AttemptResult,
): Promise<void> {
  const { webhooks } = deps.stores;
  const { userId, webhookId } = webhook;
  if (delivered) {
    if (webhook.failingSince === undefined) return;
    await webhooks.noteSuccess(webhook);
    deps.directory.forget(userId);
    return;
  }
  let failing: WebhookItem | undefined = webhook;
  if (webhook.failingSince === undefined) {
    failing = await webhooks.noteFailure(webhook);
    deps.directory.forget(userId);
  }
  const since = failing?.failingSince;
  const isLong = since !== undefined && deps.now() - Date.parse(since) >= SWITCH_OFF_AFTER_MS;
  if (failing === undefined || !(gone || isLong)) return;
  if ((await webhooks.switchOff(failing, gone ? GONE : FAILING)) === undefined) return;
  deps.directory.forget(userId);
  deps.log.warn({ userId, webhookId, gone }, 'a webhook was switched off');
}
