import type { Poster } from '../../functions/realtime/poster.ts';
import { recordFrame } from '../harness/event-log.ts';

export interface ReceivedFrame {
  event: string;
  type?: string;
  id?: string;
  data: Record<string, unknown>;
  timestamp: string;
}

export interface FakeClients {
  poster: Poster;
  /** What a client has received so far, in order. */
  framesOf(connectionId: string): ReceivedFrame[];
  /** From now on the client answers as one that has left. */
  leave(connectionId: string): void;
  closed: Set<string>;
}

/** WebSocket clients as the management endpoint knows them. */
export function createFakeClients(): FakeClients {
  const frames = new Map<string, ReceivedFrame[]>();
  const gone = new Set<string>();
  const closed = new Set<string>();
  return {
    closed,
    framesOf: (connectionId) => frames.get(connectionId) ?? [],
    leave: (connectionId) => gone.add(connectionId),
    poster: {
      async post(connectionId, frame) {
        if (gone.has(connectionId)) return 'gone';
        recordFrame(frame);
        frames.set(connectionId, [...(frames.get(connectionId) ?? []), JSON.parse(frame)]);
        return 'posted';
      },
      async close(connectionId) {
        closed.add(connectionId);
      },
    },
  };
}
