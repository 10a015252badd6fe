import { RESET_TTL_MS } from '../../../shared/accounts/password-reset-store.ts';
import type {
  DeliveryAttempt,
  DeliveryItem,
  NewDelivery,
} from '../../../shared/webhooks/delivery/delivery-item.ts';
import type { Settlement } from '../../../shared/webhooks/delivery/delivery-store.ts';
import { type Lane, laneOf } from '../../../shared/webhooks/delivery/lane.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';
import { type AttemptResult, attemptDelivery } from './attempt-delivery.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import {
  type DeliveryMessage,
  drainMarks,
  type FirstAttempts,
  givenUpMessage,
  type LaterAttempt,
  slowFirstMessages,
  slowLaterMessage,
} from './delivery-message.ts';
import type { FirstOutcomes } from './first-outcomes.ts';
import { judgeEndpoint, planNext } from './settle-attempt.ts';
import { attemptInLane } from './timed-attempt.ts';

/** What attempts are made with: a batch of a queue. */
export interface DeliveryRun {
  deps: DeliveryDeps;
  lane: Lane;
  outcomes: FirstOutcomes;
  /** Whether an attempt that begins now can end in time, however long it takes. */
  mayBegin: () => boolean;
}

/** How a message has come. */
export interface HandedOver {
  /** Not for the first time. */
  isRepeat: boolean;
  /** So often that its queue will soon take it for what nobody survives. */
  isWeary: boolean;
}

/** What became of a message. `again`: what is left of it is to be handed over again, not before a time. */
export interface Handled {
  again: { atMs: number } | undefined;
  /** Resolves once the outcomes of what was attempted are written; what comes after it need not wait for that. */
  written: Promise<unknown>;
}

const DONE: Handled = { again: undefined, written: Promise.resolve() };

/** Longer than the schedule of retries: an endpoint that falls behind as far as that never catches up. */
const MAX_WAIT_MS = 26 * 3_600_000;

const NOT_MADE: Omit<DeliveryAttempt, 'at' | 'error'> = {
  statusCode: null,
  latencyMs: 0,
  responseHead: null,
};
const OFF = 'Not attempted: the webhook is switched off.';
const TOO_LATE =
  'Not attempted: the endpoint has answered so slowly that this event has waited for over a day.';

/** It can be replayed once the reason is gone. */
function refuse({ now }: DeliveryDeps, error: string): AttemptResult {
  const attempt = { at: new Date(now()).toISOString(), ...NOT_MADE, error };
  return { attempt, delivered: false, gone: false, isFinal: true, waitedMs: undefined, retryAfterMs: 0 };
}

async function attempt(
  { deps, lane }: DeliveryRun,
  webhook: WebhookItem,
  delivery: NewDelivery,
  since?: number,
): Promise<AttemptResult> {
  if (!webhook.active) return refuse(deps, OFF);
  if (since !== undefined && deps.now() - since > MAX_WAIT_MS) return refuse(deps, TOO_LATE);
  return await attemptInLane(deps, lane, webhook, () => attemptDelivery(deps, webhook, delivery));
}

function logAttempt(
  { log }: DeliveryDeps,
  delivery: NewDelivery,
  { attempt: { statusCode, latencyMs, error } }: AttemptResult,
  { status }: Settlement,
): void {
  const { webhookId, deliveryId, type, sessionId } = delivery;
  log.info(
    { webhookId, deliveryId, type, sessionId, statusCode, latencyMs, error, status },
    'webhook attempt',
  );
}

/**
 * Where what comes through the quick lane belongs, and until when it has to wait where it belongs nowhere yet. A webhook that is
 * off costs no time, wherever that is.
 */
async function laneFor(
  { deps, lane, isWeary }: DeliveryRun & Pick<HandedOver, 'isWeary'>,
  webhook: WebhookItem,
): Promise<{ lane: Lane } | { waitUntilMs: number }> {
  const current = lane === 'slow' || !webhook.active ? { lane } : laneOf(webhook, deps.now());
  if (current.lane !== 'neither') return current;
  // The next times might be its last: behind everything else in the slow lane it is in order as well.
  if (isWeary) return { lane: 'slow' };
  if (current.drains) await deps.queues.slowDeliveries.send(drainMarks(webhook));
  return { waitUntilMs: current.untilMs };
}

/**
 * Each step may be the last one of this process:
 * - before the POST, nothing has happened: the queue hands the message over again;
 * - after it, the same event with the same id is posted again, and receivers drop it;
 * - what was given up goes to its queue before `failed` is written: at worst it is there twice;
 * - the endpoint's record is judged last, and the next attempt judges it again.
 */
async function settleFirst(
  { deps, outcomes }: DeliveryRun,
  webhook: WebhookItem,
  delivery: NewDelivery,
  { result, isRepeat }: { result: AttemptResult; isRepeat: boolean },
): Promise<void> {
  const settlement = planNext(deps, 0, result);
  if (settlement.status === 'failed') await deps.queues.givenUp.send([givenUpMessage(delivery)]);
  if (settlement.status === 'delivered' && !isRepeat) await outcomes.add(delivery, result.attempt);
  else await deps.stores.deliveries.settleFirst(delivery, result.attempt, settlement);
  logAttempt(deps, delivery, result, settlement);
  if (webhook.active) await judgeEndpoint(deps, webhook, result);
}

/** What an earlier hand-over has written down: those records say what is to come. */
async function idsKnown(
  { stores }: DeliveryDeps,
  { webhookId, deliveries }: FirstAttempts,
): Promise<Set<string>> {
  const names = deliveries.map(({ deliveryId }) => ({ webhookId, deliveryId }));
  return new Set((await stores.deliveries.getMany(names)).map(({ deliveryId }) => deliveryId));
}

/** One after another; the outcome of each is written while the next is on its way. */
async function deliverFirst(
  run: DeliveryRun,
  message: FirstAttempts,
  { isRepeat, isWeary }: HandedOver,
): Promise<Handled> {
  const { deps } = run;
  const { userId, webhookId, sessionId, since } = message;
  const known = isRepeat ? await idsKnown(deps, message) : new Set<string>();
  const writes: Promise<void>[] = [];
  const handled = (atMs?: number): Handled => ({
    again: atMs === undefined ? undefined : { atMs },
    written: Promise.all(writes),
  });
  const wanted = message.deliveries.filter(({ deliveryId }) => !known.has(deliveryId));
  for (const [index, { deliveryId, type, payload }] of wanted.entries()) {
    const webhook = await deps.directory.find(userId, webhookId);
    if (webhook === undefined) break;
    const current = await laneFor({ ...run, isWeary }, webhook);
    if ('waitUntilMs' in current) return handled(current.waitUntilMs);
    if (current.lane !== run.lane) {
      const rest = { userId, webhookId, sessionId, deliveries: wanted.slice(index) };
      await deps.queues.slowDeliveries.send(slowFirstMessages(rest, deps.now()));
      break;
    }
    if (!run.mayBegin()) return handled(deps.now());
    const delivery: NewDelivery = { userId, webhookId, sessionId, deliveryId, type, payload };
    const result = await attempt(run, webhook, delivery, since).catch(async (error: unknown) => {
      // By the time it is handed over again, it is known what has been attempted.
      await Promise.allSettled(writes);
      throw error;
    });
    const write = settleFirst(run, webhook, delivery, { result, isRepeat });
    // Its failure is for whoever waits for all of them.
    write.catch(() => {});
    writes.push(write);
  }
  return handled();
}

async function settleLater(
  { deps }: DeliveryRun,
  webhook: WebhookItem,
  item: DeliveryItem,
  result: AttemptResult,
): Promise<void> {
  const settlement = planNext(deps, item.failures, result);
  if (settlement.status === 'failed') await deps.queues.givenUp.send([givenUpMessage(item)]);
  await deps.stores.deliveries.settle(item, result.attempt, settlement);
  logAttempt(deps, item, result, settlement);
  if (webhook.active) await judgeEndpoint(deps, webhook, result);
}

async function deliverLater(
  run: DeliveryRun,
  message: LaterAttempt,
  { isWeary }: HandedOver,
): Promise<Handled> {
  const { deps } = run;
  const [webhook, item] = await Promise.all([
    deps.directory.find(message.userId, message.webhookId),
    deps.stores.deliveries.get(message),
  ]);
  // Removed, delivered, or claimed anew since: whoever holds the newer claim will see to it.
  if (webhook === undefined || item === undefined || item.dueAt !== message.dueAt) return DONE;
  const current = await laneFor({ ...run, isWeary }, webhook);
  if ('waitUntilMs' in current) return { ...DONE, again: { atMs: current.waitUntilMs } };
  if (current.lane !== run.lane) {
    await deps.queues.slowDeliveries.send([slowLaterMessage(message)]);
    return DONE;
  }
  if (!run.mayBegin()) return { ...DONE, again: { atMs: deps.now() } };
  await settleLater(run, webhook, item, await attempt(run, webhook, item));
  return DONE;
}

/**
 * One message of the deliveries' queues.
 * @throws where storage fails: the queue hands it over again
 */
export async function deliverMessage(
  run: DeliveryRun,
  message: DeliveryMessage,
  handedOver: HandedOver,
): Promise<Handled> {
  switch (message.kind) {
    case 'first':
      return deliverFirst(run, message, handedOver);
    case 'later':
      return deliverLater(run, message, handedOver);
    case 'drain-mark':
      await run.deps.stores.webhooks.noteDrained(message, message.group);
      run.deps.directory.forget(message.userId);
      return DONE;
    case 'password-reset':
      await mailResetToken(run.deps, message.email);
      return DONE;
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
