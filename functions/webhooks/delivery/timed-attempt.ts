import { type Lane, SLOW_FOR_MS } from '../../../shared/webhooks/delivery/lane.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import type { AttemptResult } from './attempt-delivery.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { SLOW_ANSWER_MS, SLOW_AT_ONCE_MS } from './endpoint-speed.ts';

type Attempt = () => Promise<AttemptResult>;

/** The record of a lane decides how soon others are served, never whether this event is: it may fail. */
async function noteLane(
  { directory, log }: DeliveryDeps,
  { userId, webhookId }: WebhookItem,
  write: Promise<void>,
): Promise<void> {
  try {
    await write;
    directory.forget(userId);
  } catch (error) {
    log.warn({ err: error, webhookId }, 'the lane of a webhook could not be written down');
  }
}

/** The endpoint is slow as soon as an answer is overdue: nobody has to wait for its end to know. */
async function attemptInQuickLane(
  deps: DeliveryDeps,
  webhook: WebhookItem,
  attempt: Attempt,
): Promise<AttemptResult> {
  const begin = () => {
    deps.log.info({ webhookId: webhook.webhookId }, 'the endpoint is slow: its deliveries change lanes');
    return noteLane(deps, webhook, deps.stores.webhooks.beginSlow(webhook));
  };
  let noted: Promise<void> | undefined;
  const cancel = deps.after(SLOW_AT_ONCE_MS, () => {
    noted = begin();
  });
  const result = await attempt().finally(cancel);
  const isSlow = result.waitedMs !== undefined && deps.speed.note(webhook.webhookId, result.waitedMs);
  if (isSlow) noted ??= begin();
  await noted;
  return result;
}

async function attemptInSlowLane(
  deps: DeliveryDeps,
  webhook: WebhookItem,
  attempt: Attempt,
): Promise<AttemptResult> {
  const result = await attempt();
  const { webhooks } = deps.stores;
  const leftMs = Date.parse(webhook.slowUntil ?? '') - deps.now();
  const isSlow = result.waitedMs !== undefined && result.waitedMs >= SLOW_ANSWER_MS;
  // Not at each answer: half of the time is long enough for everybody to know.
  if (isSlow && leftMs > 0 && leftMs < SLOW_FOR_MS / 2)
    await noteLane(deps, webhook, webhooks.extendSlow(webhook));
  return result;
}

/** One attempt in a lane, and what follows from its duration for the lane of those that come after it. */
export const attemptInLane = (
  deps: DeliveryDeps,
  lane: Lane,
  webhook: WebhookItem,
  attempt: Attempt,
): Promise<AttemptResult> =>
  lane === 'quick' ? attemptInQuickLane(deps, webhook, attempt) : attemptInSlowLane(deps, webhook, attempt);
