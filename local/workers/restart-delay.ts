/** The contract's second; a worker that keeps falling over at once is given ever more time. */
const FIRST_MS = 1000;
const MOST_MS = 30_000;
/** Whoever ran this long did not fall over at once. */
const STABLE_MS = 10_000;

export interface RestartState {
  quickFailures: number;
}

/** What to do after a worker ended that had run for `ranMs`. */
export function nextRestart(
  { quickFailures }: RestartState,
  ranMs: number,
): RestartState & { delayMs: number } {
  if (ranMs >= STABLE_MS) return { quickFailures: 0, delayMs: FIRST_MS };
  return { quickFailures: quickFailures + 1, delayMs: Math.min(MOST_MS, FIRST_MS * 2 ** quickFailures) };
}
