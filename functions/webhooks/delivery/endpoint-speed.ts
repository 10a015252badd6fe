import { LRUCache } from 'lru-cache';

/** How long endpoints take to answer, as far as this process has seen. */
export interface EndpointSpeed {
  /** Takes note of one answer, or of none within the time; whether the endpoint is slow by that. */
  note(webhookId: string, waitedMs: number): boolean;
}

/** So many answers in a row that each took at least so long. */
const SLOW_ANSWERS = [
  { ms: 3_000, inARow: 1 },
  { ms: 1_000, inARow: 5 },
] as const;

/** An attempt that is not answered by then need not be waited for to know. */
export const SLOW_AT_ONCE_MS = SLOW_ANSWERS[0].ms;
/** What a slow endpoint has to be quicker than, to be quick again. */
export const SLOW_ANSWER_MS = SLOW_ANSWERS[1].ms;

const MAX_ENDPOINTS = 5_000;

export function createEndpointSpeed(): EndpointSpeed {
  const streaks = new LRUCache<string, number[]>({ max: MAX_ENDPOINTS });
  return {
    note(webhookId, waitedMs) {
      const before = streaks.get(webhookId) ?? [];
      const streak = SLOW_ANSWERS.map(({ ms }, index) => (waitedMs >= ms ? (before[index] ?? 0) + 1 : 0));
      if (streak.some((length) => length > 0)) streaks.set(webhookId, streak);
      else streaks.delete(webhookId);
      return SLOW_ANSWERS.some(({ inARow }, index) => (streak[index] ?? 0) >= inARow);
    },
  };
}
