import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { QueueMessage } from '../../../shared/queue/queue.ts';
import { type DeliveryItem, NewDelivery } from '../../../shared/webhooks/delivery/delivery-item.ts';

const FirstAttempt = NewDelivery.extend({ kind: z.literal('first') });
/** An attempt at a delivery. Its payload is in the table; `dueAt` identifies the claim. */
const LaterAttempt = NewDelivery.pick({ userId: true, webhookId: true, deliveryId: true }).extend({
  kind: z.literal('later'),
  dueAt: z.string(),
});

/**
 * A password reset for an address, with or without an account, so that the answer's timing reveals nothing.
 */
const PasswordReset = z.object({ kind: z.literal('password-reset'), email: z.string() });

/** A message of the deliveries' queue. */
export const DeliveryMessage = z.discriminatedUnion('kind', [FirstAttempt, LaterAttempt, PasswordReset]);
export type DeliveryMessage = z.infer<typeof DeliveryMessage>;
export type FirstAttempt = z.infer<typeof FirstAttempt>;
export type LaterAttempt = z.infer<typeof LaterAttempt>;

/** First attempts keep the order of a session's events, apart from other sessions and other webhooks. */
export function firstMessage(delivery: Omit<FirstAttempt, 'kind'>): QueueMessage {
  const { webhookId, deliveryId, sessionId } = delivery;
  const body: FirstAttempt = { kind: 'first', ...delivery };
  return {
    group: `${webhookId}:${sessionId ?? '-'}`,
    dedupId: `${webhookId}:${deliveryId}`,
    body: JSON.stringify(body),
  };
}

/**
 * A repeated attempt has a group of its own and delays nobody. The claim, not the message, makes it count
 * once.
 */
export function laterMessage({ userId, webhookId, deliveryId }: DeliveryItem, dueAt: string): QueueMessage {
  const body: LaterAttempt = { kind: 'later', userId, webhookId, deliveryId, dueAt };
  return { group: `${webhookId}:${deliveryId}`, dedupId: randomUUID(), body: JSON.stringify(body) };
}

/** Requests for one address wait for each other only. */
export function passwordResetMessage(email: string): QueueMessage {
  const body: z.infer<typeof PasswordReset> = { kind: 'password-reset', email };
  return { group: `password-reset:${email}`, dedupId: randomUUID(), body: JSON.stringify(body) };
}

/**
 * The form of a dead letter. Moved back to the queue it is attempted once more: a success is recorded,
 * another failure is only logged, since the record already says that it was given up. Use a replay to deliver
 * it again.
 */
export function deadLetter(delivery: Omit<FirstAttempt, 'kind'>): QueueMessage {
  const { userId, webhookId, deliveryId, type, sessionId, payload } = delivery;
  return firstMessage({ userId, webhookId, deliveryId, type, sessionId, payload });
}
