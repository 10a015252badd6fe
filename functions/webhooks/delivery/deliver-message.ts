import { RESET_TTL_MS } from '../../../shared/accounts/password-reset-store.ts';
import type { DeliveryAttempt, NewDelivery } from '../../../shared/webhooks/delivery/delivery-item.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import { type AttemptResult, attemptDelivery } from './attempt-delivery.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import {
  type DeliveryMessage,
  deadLetter,
  type FirstAttempt,
  type LaterAttempt,
} from './delivery-message.ts';
import { judgeEndpoint, planNext } from './settle-attempt.ts';

const OFF: Omit<DeliveryAttempt, 'at'> = {
  statusCode: null,
  latencyMs: 0,
  responseHead: null,
  error: 'Not attempted: the webhook is switched off.',
};

function logAttempt(
  { log }: DeliveryDeps,
  delivery: NewDelivery,
  { attempt }: AttemptResult,
  status: string,
) {
  const { webhookId, deliveryId, type, sessionId } = delivery;
  const { statusCode, latencyMs, error } = attempt;
  log.info(
    { webhookId, deliveryId, type, sessionId, statusCode, latencyMs, error, status },
    'webhook attempt',
  );
}

/** The webhook is switched off: the delivery can be replayed once it is on again. */
function refuse({ now }: DeliveryDeps): AttemptResult {
  const attempt = { at: new Date(now()).toISOString(), ...OFF };
  return { attempt, delivered: false, gone: true, retryAfterMs: 0 };
}

const attempt = (deps: DeliveryDeps, webhook: WebhookItem, delivery: NewDelivery) =>
  webhook.active ? attemptDelivery(deps, webhook, delivery) : refuse(deps);

/**
 * The process may die after any step: before the POST nothing has happened, and the queue hands the message
 * over again; after it, the same event is posted again under the same id, and receivers drop it; the dead
 * letter is sent before `failed` is written, so there may be two of it; the endpoint's record is updated
 * last, and the next attempt updates it again.
 */
async function deliverFirst(deps: DeliveryDeps, message: FirstAttempt, isRepeat: boolean): Promise<void> {
  const webhook = await deps.directory.find(message.userId, message.webhookId);
  if (webhook === undefined) return;
  const known = isRepeat ? await deps.stores.deliveries.get(message) : undefined;
  // An earlier hand-over has stored its outcome: the record says what is next.
  if (known !== undefined) return;
  const result = await attempt(deps, webhook, message);
  const settlement = planNext(deps, 0, result);
  if (settlement.status === 'failed') await deps.queues.deadLetters.send([deadLetter(message)]);
  await deps.stores.deliveries.settleFirst(message, result.attempt, settlement);
  logAttempt(deps, message, result, settlement.status);
  if (webhook.active) await judgeEndpoint(deps, webhook, result);
}

async function deliverLater(deps: DeliveryDeps, message: LaterAttempt): Promise<void> {
  const [webhook, item] = await Promise.all([
    deps.directory.find(message.userId, message.webhookId),
    deps.stores.deliveries.get(message),
  ]);
  // It was removed, delivered or claimed again meanwhile: the holder of the newer claim handles it.
  if (webhook === undefined || item === undefined || item.dueAt !== message.dueAt) return;
  const result = await attempt(deps, webhook, item);
  const settlement = planNext(deps, item.failures, result);
  if (settlement.status === 'failed') await deps.queues.deadLetters.send([deadLetter(item)]);
  await deps.stores.deliveries.settle(item, result.attempt, settlement);
  logAttempt(deps, item, result, settlement.status);
  if (webhook.active) await judgeEndpoint(deps, webhook, result);
}

/**
 * Handles one message of the deliveries' queue.
 * @param isRepeat the queue has handed it over before
 * @throws where storage fails: the queue then hands it over again
 */
export async function deliverMessage(
  deps: DeliveryDeps,
  message: DeliveryMessage,
  isRepeat: boolean,
): Promise<void> {
  switch (message.kind) {
    case 'first':
      return deliverFirst(deps, message, isRepeat);
    case 'later':
      return deliverLater(deps, message);
    case 'password-reset':
      return mailResetToken(deps, message.email);
  }
}

/**
 * Makes a one-time token and mails it to the account's address, if there is one.
 * @throws where storage or the mailer fails; a repeat makes another token, and the first one used counts
 */
export async function mailResetToken(deps: DeliveryDeps, email: string): Promise<void> {
  const account = await deps.stores.accounts.findByEmail(email);
  if (account === undefined || account.disabled) return;
  const token = await deps.stores.passwordResets.issue(account);
  const text = [
    'Someone, most likely you, asked for a new password for this account.',
    `Your one-time token, good for ${RESET_TTL_MS / 60_000} minutes:`,
    token,
    'If it was not you, nothing has changed, and nothing will.',
  ].join('\n\n');
  await deps.sendMail({ to: account.email, subject: 'Your password reset', text, secret: true });
}
