import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type ServerData, type ServerEvent, ServerFrame } from '../../shared/realtime/schema.ts';

export interface ReceivedFrame<E extends ServerEvent> {
  frame: { event: E; data: ServerData<E>; timestamp: string };
  /** Milliseconds since the epoch. */
  arrivedAt: number;
}

/** As it came, before anybody has asked what it is. */
interface AnyFrame {
  frame: ServerFrame;
  arrivedAt: number;
}

interface Waiter {
  offer(received: AnyFrame): void;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A tenant's WebSocket: everything that arrives is kept until somebody has asked for it, each event once. */
export class RealtimeFeed {
  readonly #socket: WebSocket;
  readonly #seen = new Set<string>();
  readonly #waiters = new Set<Waiter>();
  #kept: AnyFrame[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#take(String(data)));
  }

  /** @throws where the socket is refused */
  static async connect(url: string, token: string): Promise<RealtimeFeed> {
    const socket = new WebSocket(url, ['bearer', token], { handshakeTimeout: CONNECT_TIMEOUT_MS });
    const feed = new RealtimeFeed(socket);
    await once(socket, 'open');
    return feed;
  }

  #take(text: string): void {
    const arrivedAt = performance.timeOrigin + performance.now();
    const frame = ServerFrame.parse(JSON.parse(text));
    // At least once: a repeated event carries the same id.
    if (frame.id !== undefined && this.#seen.has(frame.id)) return;
    if (frame.id !== undefined) this.#seen.add(frame.id);
    const received = { frame, arrivedAt };
    this.#kept.push(received);
    for (const waiter of this.#waiters) waiter.offer(received);
  }

  async subscribe(sessionId: string): Promise<void> {
    const answered = this.next('subscribed', () => true, 10_000);
    this.#socket.send(JSON.stringify({ action: 'subscribe', sessionId }));
    await answered;
  }

  /** Forgets what has arrived so far. */
  drain(): void {
    this.#kept = [];
  }

  /** The first frame of this kind that matches, of those kept or still to come; it and all before it are forgotten. */
  async next<E extends ServerEvent>(
    event: E,
    matches: (data: ServerData<E>) => boolean,
    timeoutMs: number,
  ): Promise<ReceivedFrame<E>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReceivedFrame<E>>();
    // The event's name says what its data is; the union's narrowing cannot follow a type parameter.
    const isWanted = ({ frame }: AnyFrame) => frame.event === event && matches(frame.data as ServerData<E>);
    const waiter: Waiter = {
      offer: (received) => {
        if (!isWanted(received)) return;
        this.#kept = this.#kept.slice(this.#kept.indexOf(received) + 1);
        resolve(received as AnyFrame & ReceivedFrame<E>);
      },
    };
    const known = this.#kept.find(isWanted);
    if (known !== undefined) waiter.offer(known);
    this.#waiters.add(waiter);
    const timer = setTimeout(() => reject(new Error(`no ${event} came within ${timeoutMs} ms`)), timeoutMs);
    return await promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    });
  }

  close(): void {
    this.#socket.close();
  }
}
