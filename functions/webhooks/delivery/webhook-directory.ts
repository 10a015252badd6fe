import { LRUCache } from 'lru-cache';
import type { WebhookStore } from '../../../shared/webhooks/store.ts';
import type { WebhookItem } from '../../../shared/webhooks/webhook-item.ts';

/** Caches tenants' webhooks for a moment, because events come in bursts. */
export interface WebhookDirectory {
  ofUser(userId: string): Promise<WebhookItem[]>;
  /** Reads the table on a miss, so that a new webhook is never taken for a missing one. */
  find(userId: string, webhookId: string): Promise<WebhookItem | undefined>;
  /** Forgets it in this process; others learn of the change when their cache expires. */
  forget(userId: string): void;
}

const MEMORY_MS = 5_000;
const MAX_TENANTS = 2_000;

/** `now` is in milliseconds. */
export function createWebhookDirectory(store: WebhookStore, now: () => number): WebhookDirectory {
  const remembered = new LRUCache<string, { webhooks: WebhookItem[]; until: number }>({ max: MAX_TENANTS });

  async function ofUser(userId: string): Promise<WebhookItem[]> {
    const known = remembered.get(userId);
    if (known !== undefined && known.until > now()) return known.webhooks;
    const webhooks = await store.list(userId);
    remembered.set(userId, { webhooks, until: now() + MEMORY_MS });
    return webhooks;
  }

  return {
    ofUser,
    async find(userId, webhookId) {
      const known = (await ofUser(userId)).find((each) => each.webhookId === webhookId);
      return known ?? (await store.get(userId, webhookId));
    },
    forget: (userId) => {
      remembered.delete(userId);
    },
  };
}
