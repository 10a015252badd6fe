import type { CacheStore } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';

/** A cache for Baileys that cannot grow past `max` entries. Ours outlives its sockets, so it has no `close`. */
export function boundedCache(max: number, ttlMs: number): CacheStore {
  const entries = new LRUCache<string, { value: unknown }>({ max, ttl: ttlMs });
  return {
    get: <T>(key: string) => entries.get(key)?.value as T | undefined,
    set: (key, value) => {
      entries.set(key, { value });
    },
    del: (key) => {
      entries.delete(key);
    },
    flushAll: () => entries.clear(),
  };
}
