import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { QueueMessage } from '../../../shared/queue/queue.ts';
import { type DeliveryItem, NewDelivery } from '../../../shared/webhooks/delivery/delivery-item.ts';
import { firstGroup, laterGroup, slowGroup, slowGroups } from '../../../shared/webhooks/delivery/lane.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';

/** Of one webhook and one session, in their order. */
const FirstAttempts = NewDelivery.pick({ userId: true, webhookId: true, sessionId: true }).extend({
  kind: z.literal('first'),
  deliveries: z.array(NewDelivery.pick({ deliveryId: true, type: true, payload: true })).min(1),
  /** Of what has come from the quick lane: since when it waits, milliseconds since the epoch. */
  since: z.number().optional(),
});
/** Its payload is in the table; `dueAt` is what the delivery was claimed with. */
const LaterAttempt = NewDelivery.pick({ userId: true, webhookId: true, deliveryId: true }).extend({
  kind: z.literal('later'),
  dueAt: z.string(),
});

/** Goes through each group of the slow lane that a webhook leaves: whoever gets it knows that nothing is before it. */
const DrainMark = NewDelivery.pick({ userId: true, webhookId: true }).extend({
  kind: z.literal('drain-mark'),
  /** When the time in that lane began. */
  slowFrom: z.string(),
  group: z.string(),
});

/** Asked for an address whether it has an account or not, so that the answer's timing tells nobody which. */
const PasswordReset = z.object({ kind: z.literal('password-reset'), email: z.string() });

/** As it was before several went into one message: while a stage is deployed, both forms are under way. */
const FirstAttempt = NewDelivery.extend({ kind: z.literal('first') }).transform(
  ({ kind, userId, webhookId, sessionId, ...delivery }): FirstAttempts => ({
    ...{ kind, userId, webhookId, sessionId },
    deliveries: [delivery],
  }),
);

/** What the deliveries' queues carry. */
export const DeliveryMessage = z.union([FirstAttempts, FirstAttempt, LaterAttempt, DrainMark, PasswordReset]);
export type DeliveryMessage = z.infer<typeof DeliveryMessage>;
export type FirstAttempts = z.infer<typeof FirstAttempts>;
export type LaterAttempt = z.infer<typeof LaterAttempt>;
export type DrainMark = z.infer<typeof DrainMark>;

/** So many are attempted within the time that their queue gives its consumer, however long each takes. */
const MAX_IN_QUICK_LANE = 25;
const MAX_IN_SLOW_LANE = 4;
/** Of the message, with room for what JSON adds to JSON. */
const MAX_BYTES = 160_000;

/** In their order, cut where a part would hold too many or be too large. */
export function cutToFit<T extends { payload: string }>(items: readonly T[], maxItems: number): T[][] {
  const parts: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = Buffer.byteLength(item.payload);
    const open = parts.at(-1);
    if (open === undefined || open.length === maxItems || size > room) {
      parts.push([item]);
      room = MAX_BYTES - size;
    } else {
      open.push(item);
      room -= size;
    }
  }
  return parts;
}

/** The same for the same deliveries, so that what is handed over again is taken once. */
function dedupIdOf(lane: 'quick' | 'slow', { webhookId, deliveries }: FirstAttempts): string {
  const ids = deliveries.map(({ deliveryId }) => deliveryId).join('\n');
  return createHash('sha256').update(`${lane}\n${webhookId}\n${ids}`).digest('hex');
}

type First = Pick<FirstAttempts, 'userId' | 'webhookId' | 'sessionId' | 'deliveries'>;

/** In the order of a session's events, beside those of other sessions and other webhooks. */
export function firstMessages(first: First): QueueMessage[] {
  return cutToFit(first.deliveries, MAX_IN_QUICK_LANE).map((deliveries) => {
    const body: FirstAttempts = { kind: 'first', ...first, deliveries };
    return {
      group: firstGroup(first.webhookId, first.sessionId),
      dedupId: dedupIdOf('quick', body),
      body: JSON.stringify(body),
    };
  });
}

/** The same for the slow lane, where few are handed over at a time. */
export function slowFirstMessages(first: First, since: number): QueueMessage[] {
  return cutToFit(first.deliveries, MAX_IN_SLOW_LANE).map((deliveries) => {
    const body: FirstAttempts = { kind: 'first', ...first, deliveries, since };
    return {
      group: slowGroup(first, 'first', first.sessionId ?? '-'),
      dedupId: dedupIdOf('slow', body),
      body: JSON.stringify(body),
    };
  });
}

/** A repeated attempt holds up no first one. What counts once is the claim, not the message. */
export function laterMessage({ userId, webhookId, deliveryId }: DeliveryItem, dueAt: string): QueueMessage {
  const body: LaterAttempt = { kind: 'later', userId, webhookId, deliveryId, dueAt };
  return { group: laterGroup(webhookId, deliveryId), dedupId: randomUUID(), body: JSON.stringify(body) };
}

export function slowLaterMessage(later: LaterAttempt): QueueMessage {
  const group = slowGroup(later, 'later', later.deliveryId);
  return { group, dedupId: randomUUID(), body: JSON.stringify(later) };
}

/** One for each group. Asked for again and again while one waits: the queue takes them once. */
export function drainMarks({ userId, webhookId, slowFrom = '' }: WebhookItem): QueueMessage[] {
  return slowGroups({ userId, webhookId }).map((group) => {
    const body: DrainMark = { kind: 'drain-mark', userId, webhookId, slowFrom, group };
    const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    return { group, dedupId: digest, body: JSON.stringify(body) };
  });
}

/** Requests for one address wait for each other only. */
export function passwordResetMessage(email: string): QueueMessage {
  const body: z.infer<typeof PasswordReset> = { kind: 'password-reset', email };
  return { group: `password-reset:${email}`, dedupId: randomUUID(), body: JSON.stringify(body) };
}

/**
 * For whoever looks into the queue of what was given up. Moved to the deliveries' queue it is attempted once more: a success
 * is recorded, another failure is only logged, since the record says already that it was given up. A replay is the way back.
 */
export function givenUpMessage({ userId, webhookId, deliveryId, type, sessionId, payload }: NewDelivery) {
  const deliveries = [{ deliveryId, type, payload }];
  const body: FirstAttempts = { kind: 'first', userId, webhookId, sessionId, deliveries };
  return {
    group: firstGroup(webhookId, sessionId),
    dedupId: `${webhookId}:${deliveryId}`,
    body: JSON.stringify(body),
  } satisfies QueueMessage;
}
