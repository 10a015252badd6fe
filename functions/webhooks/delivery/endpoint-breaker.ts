import { LRUCache } from 'lru-cache';

/**
 * Pauses endpoints that time out: each time-out occupies a consumer for ten seconds, so after three in a row
 * a webhook gets no attempt for half a minute. It knows this process only, and protects this process.
 */
export interface EndpointBreaker {
  isOpen(webhookId: string): boolean;
  note(webhookId: string, timedOut: boolean): void;
}

const TIMEOUTS_IN_A_ROW = 3;
const OPEN_MS = 30_000;
const MAX_ENDPOINTS = 5_000;

/** `now` is in milliseconds. */
export function createEndpointBreaker(now: () => number): EndpointBreaker {
  const timeouts = new LRUCache<string, { count: number; lastAt: number }>({ max: MAX_ENDPOINTS });
  return {
    isOpen(webhookId) {
      const known = timeouts.get(webhookId);
      return known !== undefined && known.count >= TIMEOUTS_IN_A_ROW && now() - known.lastAt < OPEN_MS;
    },
    note(webhookId, timedOut) {
      if (timedOut)
        timeouts.set(webhookId, { count: (timeouts.get(webhookId)?.count ?? 0) + 1, lastAt: now() });
      else timeouts.delete(webhookId);
    },
  };
}
