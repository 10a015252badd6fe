import { MAX_FRAME_BYTES, type ServerData, type ServerEvent } from '../../shared/realtime/schema.ts';

/** One event for clients: `id` is the event's own, the same on a repeated delivery. */
export interface Outgoing<E extends ServerEvent = ServerEvent> {
  event: E;
  id?: string;
  data: ServerData<E>;
  /** ISO-8601. */
  timestamp: string;
}

const SMALL_BYTES = 1_000;

/** What is left of data that is too large: its ids and short fields, to fetch the rest by. */
function shorten(data: object): object {
  const short = Object.entries(data).filter(
    ([, value]) => Buffer.byteLength(JSON.stringify(value) ?? '') <= SMALL_BYTES,
  );
  return { ...Object.fromEntries(short.slice(0, 50)), truncated: true };
}

/** An event as text that every client's gateway lets through. */
export function renderFrame<E extends ServerEvent>(outgoing: Outgoing<E>): string {
  const whole = JSON.stringify(outgoing);
  if (Buffer.byteLength(whole) <= MAX_FRAME_BYTES) return whole;
  return JSON.stringify({ ...outgoing, data: shorten(outgoing.data) });
}
