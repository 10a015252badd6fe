import type { CacheStore, GroupMetadata, WAMessage } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import type { GroupSummary } from '../../../shared/conversations/schema.ts';
import { boundedCache } from '../workarounds/bounded-cache.ts';

const MINUTE_MS = 60_000;

/** What one session's sockets share from one connection to the next, each bounded. */
export interface SocketCaches {
  msgRetryCounterCache: CacheStore;
  userDevicesCache: CacheStore;
  callOfferCache: CacheStore;
  placeholderResendCache: CacheStore;
  groups: LRUCache<string, GroupMetadata>;
  /** All groups at once, for those who page through them. */
  groupList: LRUCache<string, GroupSummary[]>;
  /** Messages that were told of already: one may be delivered again on the next connection. */
  told: LRUCache<string, true>;
  /** The latest messages of others by id, so that an answer can quote them. */
  quotable: LRUCache<string, WAMessage>;
}

export function createSocketCaches(): SocketCaches {
  return {
    msgRetryCounterCache: boundedCache(2_000, 60 * MINUTE_MS),
    userDevicesCache: boundedCache(2_000, 5 * MINUTE_MS),
    callOfferCache: boundedCache(200, 5 * MINUTE_MS),
    placeholderResendCache: boundedCache(500, 60 * MINUTE_MS),
    groups: new LRUCache({ max: 200, ttl: 5 * MINUTE_MS }),
    groupList: new LRUCache({ max: 1, ttl: MINUTE_MS }),
    told: new LRUCache({ max: 5_000 }),
    quotable: new LRUCache({ max: 200 }),
  };
}
