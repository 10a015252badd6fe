import * as z from 'zod';
import { all, any, atMost, equals, missing, oneOf } from '../../table/condition.ts';
import type { Key, Table } from '../../table/table.ts';
import {
  DELIVERY_TTL_MS,
  type DeliveryAttempt,
  DeliveryItem,
  type DeliveryName,
  deliveryKey,
  deliveryPartition,
  type NewDelivery,
  NOT_WAITING,
  retryIndex,
  withAttempt,
} from './delivery-item.ts';

/** The consequence of an attempt. */
export type Settlement =
  | { status: 'delivered' }
  | { status: 'retrying'; dueAt: string }
  | { status: 'failed' };

export interface DueDelivery {
  key: Key;
  dueAt: string;
}

export interface DeliveryStore {
  get(name: DeliveryName): Promise<DeliveryItem | undefined>;
  /** Newest first. */
  list(webhookId: string, page: { limit: number; after?: string | undefined }): Promise<DeliveryItem[]>;
  /** Stores an event that is due at once, before it is enqueued: for events that a caller asked for. */
  open(delivery: NewDelivery, dueAt: string): Promise<DeliveryItem>;
  /**
   * Stores the outcome of a first attempt, which has no item before. `false` where something is stored
   * already and this failure adds nothing; a success is always stored.
   */
  settleFirst(delivery: NewDelivery, attempt: DeliveryAttempt, settlement: Settlement): Promise<boolean>;
  /** Stores the outcome of a later attempt; `false` where another holder of the delivery was faster. */
  settle(item: DeliveryItem, attempt: DeliveryAttempt, settlement: Settlement): Promise<boolean>;
  /** Lists deliveries due by `until`, the earliest first, from the index, which lags. */
  listDue(partition: string, until: string, limit: number): Promise<DueDelivery[]>;
  /** Claims a due delivery until `dueAt`: only the holder of that value may attempt it. */
  claim(key: Key, dueAt: string): Promise<DeliveryItem | undefined>;
  /** Restarts the schedule, claimed until `dueAt`. */
  restart(item: DeliveryItem, dueAt: string): Promise<DeliveryItem | undefined>;
}

const Hit = z.object({ pk: z.string(), sk: z.string(), gsi1sk: z.string() });

/** `now` is in milliseconds. */
export function createDeliveryStore(table: Table, now: () => number): DeliveryStore {
  const iso = () => new Date(now()).toISOString();

  function fresh({ userId, webhookId, deliveryId, type, sessionId, payload }: NewDelivery) {
    const expiresAt = now() + DELIVERY_TTL_MS;
    return {
      userId,
      webhookId,
      deliveryId,
      type,
      sessionId,
      payload,
      createdAt: iso(),
      expiresAt: new Date(expiresAt).toISOString(),
      ttl: Math.ceil(expiresAt / 1000),
    };
  }

  function outcome(name: DeliveryName, settlement: Settlement) {
    const { status } = settlement;
    const waiting =
      status === 'retrying'
        ? { dueAt: settlement.dueAt, ...retryIndex(name, settlement.dueAt) }
        : NOT_WAITING;
    return { status, updatedAt: iso(), ...waiting };
  }

  const isLive = ({ expiresAt }: DeliveryItem) => Date.parse(expiresAt) > now();

  return {
    async get(name) {
      const item = await table.get(deliveryKey(name), DeliveryItem);
      return item !== undefined && isLive(item) ? item : undefined;
    },
    async list(webhookId, { limit, after }) {
      const pk = deliveryPartition(webhookId);
      const items = await table.query({ pk, limit, ...(after === undefined ? {} : { after }) }, DeliveryItem);
      return items.filter(isLive);
    },
    async open(delivery, dueAt) {
      const item = { ...fresh(delivery), status: 'pending' as const, updatedAt: iso(), dueAt };
      await table.put({ ...deliveryKey(delivery), ...item, ...retryIndex(delivery, dueAt) });
      return { ...item, attempts: [], failures: 0 };
    },
    async settleFirst(delivery, attempt, settlement) {
      const failed = settlement.status !== 'delivered';
      const written = await table.update(
        deliveryKey(delivery),
        {
          set: outcome(delivery, settlement),
          setIfMissing: fresh(delivery),
          append: { attempts: [attempt] },
          add: { failures: failed ? 1 : 0 },
          ...(failed ? { condition: missing('status') } : {}),
        },
        DeliveryItem,
      );
      return written !== undefined;
    },
    async settle(item, attempt, settlement) {
      const { failures, attempts, dueAt } = item;
      const written = await table.update(
        deliveryKey(item),
        {
          set: {
            ...outcome(item, settlement),
            attempts: withAttempt(attempts, attempt),
            failures: settlement.status === 'delivered' ? failures : failures + 1,
          },
          // A success counts whoever made it; a failure only where nobody else has taken over.
          condition:
            settlement.status === 'delivered'
              ? equals('deliveryId', item.deliveryId)
              : all(
                  oneOf('status', ['pending', 'retrying']),
                  dueAt === undefined ? missing('dueAt') : equals('dueAt', dueAt),
                ),
        },
        DeliveryItem,
      );
      return written !== undefined;
    },
    async listDue(partition, until, limit) {
      const hits = await table.query({ pk: partition, index: 'gsi1', limit }, Hit);
      return hits
        .map(({ pk, sk, gsi1sk }) => ({ key: { pk, sk }, dueAt: gsi1sk.split('#')[0] ?? '' }))
        .filter(({ dueAt }) => dueAt <= until);
    },
    claim: (key, dueAt) =>
      table.update(
        key,
        {
          set: { dueAt, ...retryIndex({ webhookId: key.pk.split('#')[1] ?? '', deliveryId: key.sk }, dueAt) },
          condition: all(atMost('dueAt', iso()), oneOf('status', ['pending', 'retrying'])),
        },
        DeliveryItem,
      ),
    restart: (item, dueAt) =>
      table.update(
        deliveryKey(item),
        {
          set: {
            ...outcome(item, { status: 'retrying', dueAt }),
            failures: 0,
          },
          condition: all(
            equals('deliveryId', item.deliveryId),
            any(equals('status', item.status), equals('status', 'retrying')),
          ),
        },
        DeliveryItem,
      ),
  };
}
