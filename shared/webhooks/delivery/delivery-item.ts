import { createHash } from 'node:crypto';
import * as z from 'zod';
import { WEBHOOK_EVENTS } from '../../events/registry.ts';
import { DELIVERY_STATUSES, type Delivery } from '../schema.ts';

/** As long as the dead-letter queue keeps its messages. */
export const DELIVERY_TTL_MS = 14 * 24 * 3_600_000;
const MAX_ATTEMPTS_KEPT = 20;

export const DeliveryAttempt = z.object({
  at: z.iso.datetime(),
  statusCode: z.number().int().nullable(),
  latencyMs: z.number(),
  responseHead: z.string().nullable(),
  error: z.string().nullable(),
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

/** One event for one webhook. */
export const NewDelivery = z.object({
  userId: z.string(),
  webhookId: z.string(),
  deliveryId: z.string(),
  type: z.enum(WEBHOOK_EVENTS),
  sessionId: z.string().nullable(),
  /** The body, exactly as it is signed and sent. */
  payload: z.string(),
});
export type NewDelivery = z.infer<typeof NewDelivery>;

/** The same on its way. */
export const DeliveryItem = NewDelivery.extend({
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.array(DeliveryAttempt).default([]),
  /** Failed attempts since the schedule began; starts anew with a replay. */
  failures: z.number().int().default(0),
  /** When the next attempt is due; only the holder of the value that it was claimed with may make it. */
  dueAt: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type DeliveryItem = z.infer<typeof DeliveryItem>;

export type DeliveryName = Pick<DeliveryItem, 'webhookId' | 'deliveryId'>;

export const deliveryPartition = (webhookId: string) => `DELIVERIES#${webhookId}`;
export const deliveryKey = ({ webhookId, deliveryId }: DeliveryName) => ({
  pk: deliveryPartition(webhookId),
  sk: deliveryId,
});

const RETRY_SHARDS = 8;
export const RETRY_PARTITIONS = Array.from({ length: RETRY_SHARDS }, (_, shard) => `RETRIES#${shard}`);

/** The index partition that lists waiting deliveries by due time. */
export function retryIndex({ webhookId, deliveryId }: DeliveryName, dueAt: string) {
  const [byte = 0] = createHash('sha256').update(deliveryId).digest();
  return { gsi1pk: RETRY_PARTITIONS[byte % RETRY_SHARDS], gsi1sk: `${dueAt}#${webhookId}#${deliveryId}` };
}
export const NOT_WAITING = { dueAt: undefined, gsi1pk: undefined, gsi1sk: undefined };

/** Adds an attempt; the oldest are dropped. */
export function withAttempt(attempts: readonly DeliveryAttempt[], attempt: DeliveryAttempt) {
  return [...attempts.slice(1 - MAX_ATTEMPTS_KEPT), attempt];
}

/** A delivery as its tenant sees it. */
export function toDelivery(item: DeliveryItem): Delivery {
  const { deliveryId, type, sessionId, status, attempts, createdAt } = item;
  const isWaiting = status === 'pending' || status === 'retrying';
  return {
    deliveryId,
    type,
    sessionId,
    status,
    attempts,
    createdAt,
    nextAttemptAt: isWaiting ? (item.dueAt ?? null) : null,
  };
}
