import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { proto } from '@whiskeysockets/baileys';
import { WebSocketServer } from 'ws';
import { closeWithConnections, listenOnLoopback } from '../wire/loopback.ts';
import type { NoiseIdentity } from '../wire/noise-identity.ts';
import { certificateChain } from '../wire/noise-identity.ts';
import { type Stanza, stanza } from '../wire/stanza.ts';
import { WaConnection } from '../wire/wa-connection.ts';
import type { Exchange } from './exchange.ts';

/** What becomes of a connection after the handshake. */
export type ConnectionUse = {
  payload(connection: WaConnection, payload: proto.ClientPayload, clientKey: Buffer): void;
  stanza(connection: WaConnection, node: Stanza): void;
  closed(connection: WaConnection): void;
};

/** The listening side: WebSockets on loopback, each with its handshake. */
export class WaServer {
  readonly connections = new Set<WaConnection>();
  readonly #http: Server = createServer((_request, response) => response.writeHead(426).end());
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #exchange: Exchange;
  readonly #identity: NoiseIdentity;
  readonly #chain: Buffer;
  readonly #use: ConnectionUse;
  readonly #log: (line: string) => void;
  #nextId = 1;

  constructor(exchange: Exchange, identity: NoiseIdentity, use: ConnectionUse, log: (line: string) => void) {
    this.#exchange = exchange;
    this.#identity = identity;
    this.#chain = certificateChain(identity);
    this.#use = use;
    this.#log = log;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen(port: number): Promise<number> {
    return await listenOnLoopback(this.#http, port);
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.drop();
    this.#sockets.close();
    await closeWithConnections(this.#http);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const unreachable = this.#exchange.world.faults.take('unreachable', null);
    if (unreachable) {
      // Baileys listens to `unexpected-response`, and ws then leaves the rest to it: an HTTP error hangs.
      if (unreachable.code) socket.end(`HTTP/1.1 ${unreachable.code} Sandbox\r\nConnection: close\r\n\r\n`);
      else socket.destroy();
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new WaConnection({
        id: this.#nextId++,
        socket: webSocket,
        identity: this.#identity,
        chain: this.#chain,
        latencyMs: (one) => this.#latencyMs(one),
        events: {
          payload: (one, payload, clientKey) => this.#use.payload(one, payload, clientKey),
          stanza: (one, node) => this.#use.stanza(one, node),
          closed: (one) => {
            this.connections.delete(one);
            this.#use.closed(one);
          },
          broken: (one, error) => this.#log(`connection ${one.id}: ${error.message}`),
        },
      });
      this.connections.add(connection);
    });
  }

  #latencyMs(connection: WaConnection): number {
    return this.#exchange.world.faults.peek('latency', connection.account?.number ?? null)?.delayMs ?? 0;
  }
}

/** Ends the stream with a reason, as the server does before it closes. */
export function endWith(connection: WaConnection, node: Stanza): void {
  connection.send(node);
  connection.close();
}

export function failure(reason: number): Stanza {
  return stanza('failure', { reason, location: 'sandbox' });
}

export function conflict(): Stanza {
  return stanza('stream:error', {}, [stanza('conflict', { type: 'replaced' })]);
}

export function deviceRemoved(): Stanza {
  return stanza('stream:error', { code: 401 }, [stanza('conflict', { type: 'device_removed' })]);
}
