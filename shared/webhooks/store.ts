import * as z from 'zod';
import { all, equals, exists, missing } from '../table/condition.ts';
import type { Change } from '../table/expression.ts';
import type { Table } from '../table/table.ts';
import { newWebhookId, PLACES, WebhookItem, webhookKey, webhookPartition } from './webhook-item.ts';

export type NewWebhook = Pick<WebhookItem, 'url' | 'events' | 'sessionIds' | 'active' | 'secret'>;
export type WebhookChange = Partial<NewWebhook>;
type WebhookName = Pick<WebhookItem, 'userId' | 'webhookId'>;

export interface WebhookStore {
  /** Returns `undefined` where the account has as many as it may have. */
  create(userId: string, webhook: NewWebhook): Promise<WebhookItem | undefined>;
  get(userId: string, webhookId: string): Promise<WebhookItem | undefined>;
  list(userId: string): Promise<WebhookItem[]>;
  /** `undefined` where it is gone. */
  update(item: WebhookItem, change: WebhookChange): Promise<WebhookItem | undefined>;
  delete(userId: string, webhookId: string): Promise<boolean>;
  /** Stores when failing began; returns the webhook as it is then. */
  noteFailure(name: WebhookName): Promise<WebhookItem | undefined>;
  noteSuccess(name: WebhookName): Promise<void>;
  /** Switches off the webhook as it was read, and notes in the same write that its owner must be told. */
  switchOff(item: WebhookItem, reason: string): Promise<WebhookItem | undefined>;
  /** Webhooks whose owners have not been told yet that they were switched off, oldest first. */
  listNotices(limit: number): Promise<WebhookItem[]>;
  settleNotice(name: WebhookName): Promise<void>;
}

/** Receivers have this long to learn a new secret. */
export const SECRET_OVERLAP_MS = 24 * 3_600_000;

const NOTICES_PARTITION = 'WEBHOOK_NOTICES';
const IndexKey = z.object({ pk: z.string(), sk: z.string() });

/** `now` is in milliseconds. */
export function createWebhookStore(table: Table, now: () => number): WebhookStore {
  const iso = (at = now()) => new Date(at).toISOString();
  const isThis = ({ webhookId }: WebhookName) => equals('webhookId', webhookId);

  async function get(userId: string, webhookId: string): Promise<WebhookItem | undefined> {
    const key = webhookKey(userId, webhookId);
    const item = key === undefined ? undefined : await table.get(key, WebhookItem);
    return item?.webhookId === webhookId ? item : undefined;
  }

  async function change(name: WebhookName, { set, setIfMissing, condition }: Change) {
    const key = webhookKey(name.userId, name.webhookId);
    if (key === undefined) return undefined;
    return await table.update(
      key,
      {
        ...(set === undefined ? {} : { set }),
        ...(setIfMissing === undefined ? {} : { setIfMissing }),
        condition: all(isThis(name), ...(condition === undefined ? [] : [condition])),
      },
      WebhookItem,
    );
  }

  async function create(userId: string, webhook: NewWebhook): Promise<WebhookItem | undefined> {
    const pk = webhookPartition(userId);
    const taken = new Set((await table.query({ pk }, z.object({ sk: z.string() }))).map(({ sk }) => sk));
    for (const sk of PLACES.filter((place) => !taken.has(place))) {
      const item: WebhookItem = {
        userId,
        webhookId: newWebhookId(sk),
        ...webhook,
        disabledReason: null,
        createdAt: iso(),
        updatedAt: iso(),
      };
      if (await table.put({ pk, sk, ...item }, missing('pk'))) return item;
      // The SDK repeats a write that timed out: the item that is there is then the one just made.
      if ((await get(userId, item.webhookId)) !== undefined) return item;
    }
    return undefined;
  }

  return {
    create,
    get,
    list: (userId) => table.query({ pk: webhookPartition(userId) }, WebhookItem),
    update(item, changes) {
      const replaced = changes.secret !== undefined && changes.secret !== item.secret;
      return change(item, {
        set: {
          ...changes,
          ...(replaced
            ? { previousSecret: item.secret, previousSecretUntil: iso(now() + SECRET_OVERLAP_MS) }
            : {}),
          // A new address, or being switched on, clears the record of failures.
          ...(changes.url !== undefined || changes.active === true
            ? { failingSince: undefined, disabledReason: null, gsi1pk: undefined, gsi1sk: undefined }
            : {}),
          updatedAt: iso(),
        },
      });
    },
    async delete(userId, webhookId) {
      const key = webhookKey(userId, webhookId);
      return key !== undefined && (await table.delete(key, equals('webhookId', webhookId)));
    },
    noteFailure: (name) => change(name, { setIfMissing: { failingSince: iso() } }),
    async noteSuccess(name) {
      await change(name, { set: { failingSince: undefined }, condition: exists('failingSince') });
    },
    switchOff: (item, reason) =>
      change(item, {
        set: {
          active: false,
          disabledReason: reason,
          failingSince: undefined,
          updatedAt: iso(),
          ...{ gsi1pk: NOTICES_PARTITION, gsi1sk: `${iso()}#${item.webhookId}` },
        },
        condition: all(
          equals('active', true),
          item.failingSince === undefined
            ? missing('failingSince')
            : equals('failingSince', item.failingSince),
        ),
      }),
    async listNotices(limit) {
      const hits = await table.query({ pk: NOTICES_PARTITION, index: 'gsi1', limit }, IndexKey);
      const items = await table.getMany(hits, WebhookItem.extend({ gsi1pk: z.string().optional() }));
      return items.filter(({ gsi1pk }) => gsi1pk === NOTICES_PARTITION);
    },
    async settleNotice(name) {
      await change(name, { set: { gsi1pk: undefined, gsi1sk: undefined }, condition: exists('gsi1pk') });
    },
  };
}
