export interface Schedule {
  name: string;
  everyMs: number;
  run: () => Promise<unknown>;
}

/** Does what EventBridge does: calls a function at intervals, one call after the other. */
export function runSchedule(
  { everyMs, run }: Schedule,
  onError: (thrown: unknown) => void,
): { stop(): Promise<void> } {
  let current = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    current = run()
      .then(() => {}, onError)
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await current;
    },
  };
}
