import { proto } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import type { Account } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';
import { FrameReader, frame } from './frame-reader.ts';
import type { NoiseIdentity } from './noise-identity.ts';
import { NoiseResponder } from './noise-responder.ts';
import { decodeStanza, encodeStanza, type Stanza } from './stanza.ts';

export type ConnectionEvents = {
  /** The handshake is over: this is who the client says it is, and the key it proved. */
  payload(connection: WaConnection, payload: proto.ClientPayload, clientKey: Buffer): void;
  stanza(connection: WaConnection, node: Stanza): void;
  closed(connection: WaConnection): void;
  broken(connection: WaConnection, error: Error): void;
};

/** One client's socket: frames, Noise and stanzas in both directions, in order. */
export class WaConnection {
  readonly id: number;
  readonly since = new Date();
  state: 'handshake' | 'linking' | 'online' | 'closed' = 'handshake';
  /** Connected, and nothing gets through in either direction. */
  deaf = false;
  account: Account | null = null;
  companion: Companion | null = null;
  readonly #socket: WebSocket;
  readonly #noise: NoiseResponder;
  readonly #reader = new FrameReader();
  readonly #events: ConnectionEvents;
  readonly #latencyMs: (connection: WaConnection) => number;
  readonly #delayed: { node: Stanza | null; at: number }[] = [];
  #greeted = false;

  constructor(options: {
    id: number;
    socket: WebSocket;
    identity: NoiseIdentity;
    chain: Buffer;
    events: ConnectionEvents;
    latencyMs: (connection: WaConnection) => number;
  }) {
    this.id = options.id;
    this.#socket = options.socket;
    this.#noise = new NoiseResponder(options.identity, options.chain);
    this.#events = options.events;
    this.#latencyMs = options.latencyMs;
    this.#socket.on('message', (data) => this.#receive(toBuffer(data)));
    this.#socket.on('error', (error) => this.#events.broken(this, error));
    this.#socket.on('close', () => {
      this.state = 'closed';
      this.#events.closed(this);
    });
  }

  get open(): boolean {
    return this.state !== 'closed' && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends the stanza; behind those that a latency still holds back. */
  send(node: Stanza): void {
    if (!this.open || this.deaf) return;
    const latencyMs = this.#latencyMs(this);
    if (latencyMs <= 0 && this.#delayed.length === 0) this.#write(node);
    else this.#delay(node, latencyMs);
  }

  /** Closes after what was sent. */
  close(): void {
    if (this.#delayed.length > 0) this.#delay(null, 0);
    else this.#socket.close();
  }

  /** Cuts the wire: no close frame, as when a network goes away. */
  drop(): void {
    this.#socket.terminate();
  }

  #delay(node: Stanza | null, latencyMs: number): void {
    const last = this.#delayed.at(-1)?.at ?? 0;
    this.#delayed.push({ node, at: Math.max(Date.now() + latencyMs, last) });
    if (this.#delayed.length === 1) this.#scheduleDelayed();
  }

  #scheduleDelayed(): void {
    const first = this.#delayed[0];
    if (!first) return;
    setTimeout(
      () => {
        // A timer counts from when the event loop last looked at the clock, which may have been a while ago.
        if (Date.now() < first.at) return this.#scheduleDelayed();
        this.#delayed.shift();
        if (first.node) this.#write(first.node);
        else this.#socket.close();
        this.#scheduleDelayed();
      },
      Math.max(0, first.at - Date.now()),
    ).unref();
  }

  #write(node: Stanza): void {
    if (!this.open || this.deaf) return;
    if (this.account) this.account.counters.stanzasOut += 1;
    this.#socket.send(frame(this.#noise.encrypt(encodeStanza(node))));
  }

  #receive(data: Buffer): void {
    if (this.state === 'closed') return;
    try {
      for (const bytes of this.#reader.push(data)) this.#handle(bytes);
    } catch (error) {
      this.#events.broken(this, error instanceof Error ? error : new Error(String(error)));
      this.drop();
    }
  }

  #handle(bytes: Buffer): void {
    if (!this.#greeted) {
      this.#greeted = true;
      this.#socket.send(frame(this.#noise.answerHello(bytes)));
      return;
    }
    if (this.state === 'handshake') {
      const { clientKey, payload } = this.#noise.finish(bytes);
      this.#events.payload(this, proto.ClientPayload.decode(payload), clientKey);
      return;
    }
    const node = decodeStanza(this.#noise.decrypt(bytes));
    if (this.account) this.account.counters.stanzasIn += 1;
    if (!this.deaf) this.#events.stanza(this, node);
  }
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
