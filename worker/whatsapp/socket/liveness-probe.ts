export interface ProbeSettings {
  intervalMs: number;
  timeoutMs: number;
}

export const DEFAULT_PROBE: ProbeSettings = { intervalMs: 45_000, timeoutMs: 15_000 };

/**
 * Asks, again and again, whether the server still answers. Sockets can stay open while nothing arrives any
 * more; Baileys' own keep-alive notices a silent network, not a session the server has forgotten.
 * Answers the function that stops it. `ask` rejects where no answer came; `mayAsk` false skips a turn.
 */
export function startLivenessProbe(
  settings: ProbeSettings,
  probe: { ask: (timeoutMs: number) => Promise<void>; mayAsk: () => boolean; onDeaf: () => void },
): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    // Jittered, so that a worker's sessions do not ask all at once.
    timer = setTimeout(turn, settings.intervalMs * (0.8 + Math.random() * 0.4));
    timer.unref();
  };
  const turn = async () => {
    if (stopped) return;
    if (!probe.mayAsk()) return schedule();
    try {
      await probe.ask(settings.timeoutMs);
      if (!stopped) schedule();
    } catch {
      if (!stopped && probe.mayAsk()) probe.onDeaf();
      else if (!stopped) schedule();
    }
  };
  schedule();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
