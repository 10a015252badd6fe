/** One object of a session's history: what was appended together on one day. */
export interface HistoryPart {
  key: string;
  day: string;
  /** How many messages (not status updates) are in it, so that a LIST tells the total. */
  messages: number;
}

export const historyPrefix = (sessionId: string) => `sessions/${sessionId}/messages/`;

/** Days are UTC. Within a day, parts sort by when they were written. */
export function historyKey(sessionId: string, part: { at: Date; suffix: string; messages: number }): string {
  const day = part.at.toISOString().slice(0, 10);
  const written = String(part.at.getTime()).padStart(15, '0');
  return `${historyPrefix(sessionId)}${day}/${written}-${part.suffix}-${part.messages}.ndjson`;
}

const NAME = /\/messages\/(\d{4}-\d{2}-\d{2})\/\d{15}-[0-9a-z]+-(\d+)\.ndjson$/;

export function parseHistoryKey(key: string): HistoryPart | undefined {
  const [, day, messages] = NAME.exec(key) ?? [];
  return day === undefined ? undefined : { key, day, messages: Number(messages) };
}
