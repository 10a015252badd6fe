export interface Schedule {
  name: string;
  everyMs: number;
  run: () => Promise<unknown>;
}

/** EventBridge's part: calls a function at intervals; one call ends before the next begins. */
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
