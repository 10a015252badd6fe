import type { WebSocket } from 'ws';
import type { ConnectionFacts } from './to-websocket-event.ts';

/** API Gateway ends a connection after this, whatever happens on it. */
const MAX_AGE_MS = 2 * 60 * 60_000;
const MAX_IDLE_MS = 10 * 60_000;
/** A client that reads nothing is disconnected once this much waits for it. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const GOING_AWAY = 1001;

/** One open WebSocket. */
export class Connection {
  readonly facts: ConnectionFacts;
  readonly #socket: WebSocket;
  readonly #oldAge: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  lastActiveAt: Date;

  constructor(facts: ConnectionFacts, socket: WebSocket) {
    this.facts = facts;
    this.#socket = socket;
    this.lastActiveAt = facts.connectedAt;
    this.#oldAge = setTimeout(() => this.close(), MAX_AGE_MS).unref();
    this.#idle = setTimeout(() => this.close(), MAX_IDLE_MS).unref();
  }

  /** Data in either direction restarts the idle clock; control frames do not. */
  touch(): void {
    this.lastActiveAt = new Date();
    this.#idle.refresh();
  }

  /** Returns false where the client is gone. */
  async send(data: string | Uint8Array): Promise<boolean> {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#socket.terminate();
      return false;
    }
    this.touch();
    return new Promise((resolve) => {
      this.#socket.send(data, { binary: false }, (error) => resolve(error === undefined || error === null));
    });
  }

  close(code: number = GOING_AWAY, reason = 'Going away'): void {
    this.#socket.close(code, reason);
  }

  /** Stops the clocks of a closed socket. */
  forget(): void {
    clearTimeout(this.#oldAge);
    clearTimeout(this.#idle);
  }
}

/** Every open WebSocket by its connection id. */
export type Connections = Map<string, Connection>;
