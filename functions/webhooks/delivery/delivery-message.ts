import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { QueueMessage } from '../../../shared/queue/queue.ts';
import { type DeliveryItem, NewDelivery } from '../../../shared/webhooks/delivery/delivery-item.ts';

const FirstAttempt = NewDelivery.extend({ kind: z.literal('first') });
/** Its payload is in the table; `dueAt` is what the delivery was claimed with. */
const LaterAttempt = NewDelivery.pick({ userId: true, webhookId: true, deliveryId: true }).extend({
  kind: z.literal('later'),
  dueAt: z.string(),
});

/** Asked for an address whether it has an account or not, so that the answer's timing tells nobody which. */
const PasswordReset = z.object({ kind: z.literal('password-reset'), email: z.string() });

/** What the deliveries' queue carries. */
export const DeliveryMessage = z.discriminatedUnion('kind', [FirstAttempt, LaterAttempt, PasswordReset]);
export type DeliveryMessage = z.infer<typeof DeliveryMessage>;
export type FirstAttempt = z.infer<typeof FirstAttempt>;
export type LaterAttempt = z.infer<typeof LaterAttempt>;

/** In the order of a session's events, beside those of other sessions and other webhooks. */
export function firstMessage(delivery: Omit<FirstAttempt, 'kind'>): QueueMessage {
  const { webhookId, deliveryId, sessionId } = delivery;
  const body: FirstAttempt = { kind: 'first', ...delivery };
  return {
    group: `${webhookId}:${sessionId ?? '-'}`,
    dedupId: `${webhookId}:${deliveryId}`,
    body: JSON.stringify(body),
  };
}

/** In a group of its own: a repeated attempt holds nobody up. What counts once is the claim, not the message. */
export function laterMessage({ userId, webhookId, deliveryId }: DeliveryItem, dueAt: string): QueueMessage {
  const body: LaterAttempt = { kind: 'later', userId, webhookId, deliveryId, dueAt };
  return { group: `${webhookId}:${deliveryId}`, dedupId: randomUUID(), body: JSON.stringify(body) };
}

/** Requests for one address wait for each other, for nothing else. */
export function passwordResetMessage(email: string): QueueMessage {
  const body: z.infer<typeof PasswordReset> = { kind: 'password-reset', email };
  return { group: `password-reset:${email}`, dedupId: randomUUID(), body: JSON.stringify(body) };
}

/**
 * For whoever looks into the dead-letter queue. Moved back to the queue it is attempted once more: a success is recorded,
 * another failure is only logged, since the record says already that it was given up. A replay is the way back.
 */
export function deadLetter(delivery: Omit<FirstAttempt, 'kind'>): QueueMessage {
  const { userId, webhookId, deliveryId, type, sessionId, payload } = delivery;
  return firstMessage({ userId, webhookId, deliveryId, type, sessionId, payload });
}
