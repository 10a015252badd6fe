import { randomBytes } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type WebSocket, WebSocketServer } from 'ws';
import { Connection, type Connections } from './connections.ts';
import {
  type ConnectionFacts,
  toConnectEvent,
  toDisconnectEvent,
  toMessageEvent,
  type WebsocketEvent,
} from './to-websocket-event.ts';

/** The Lambda function behind `$connect`, `$default` and `$disconnect`. */
export type WebsocketFunction = (event: WebsocketEvent) => Promise<APIGatewayProxyStructuredResultV2>;

export interface WebsocketGatewayDeps {
  connections: Connections;
  invoke: WebsocketFunction;
  onFunctionError: (thrown: unknown) => void;
}

export const WEBSOCKET_PATH = '/ws';
/** API Gateway's bound for one frame of a client; a larger one ends the connection with 1009. */
const MAX_CLIENT_FRAME_BYTES = 32 * 1024;

function refuse(socket: Duplex, status: number): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}

function factsOf(request: IncomingMessage): ConnectionFacts {
  return {
    // Ids in the form of API Gateway's: 11 bytes in base64.
    connectionId: randomBytes(11).toString('base64'),
    connectedAt: new Date(),
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? '',
    domainName: request.headers.host ?? '127.0.0.1',
  };
}

function headerOf(result: APIGatewayProxyStructuredResultV2, name: string): string | undefined {
  const found = Object.entries(result.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found === undefined ? undefined : String(found[1]);
}

/** A WebSocket API in front of the same function that runs on AWS. */
export function createWebsocketGateway(deps: WebsocketGatewayDeps) {
  const { connections, invoke, onFunctionError } = deps;
  const protocols = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
    perMessageDeflate: false,
    // Chooses the sub-protocol that `$connect` answered; without one, none.
    handleProtocols: (_offered, request) => protocols.get(request) ?? false,
  });

  async function onMessage(connection: Connection, text: string): Promise<void> {
    connection.touch();
    const event = toMessageEvent(connection.facts, text);
    try {
      await invoke(event);
    } catch (thrown) {
      onFunctionError(thrown);
      const { connectionId, requestId } = event.requestContext;
      await connection.send(JSON.stringify({ message: 'Internal server error', connectionId, requestId }));
    }
  }

  function open(facts: ConnectionFacts, socket: WebSocket): void {
    const connection = new Connection(facts, socket);
    connections.set(facts.connectionId, connection);
    // Handles frames one after another: AWS promises no order, but a developer's log is easier to read that
    // way.
    let last = Promise.resolve();
    socket.on('message', (data) => {
      last = last.then(() => onMessage(connection, data.toString()));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', (code, reason) => {
      connection.forget();
      connections.delete(facts.connectionId);
      const event = toDisconnectEvent(facts, { code, reason: reason.toString() });
      void last.then(() => invoke(event)).catch(onFunctionError);
    });
  }

  async function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const target = request.url ?? '/';
    if (target.split('?')[0] !== WEBSOCKET_PATH) {
      refuse(socket, 404);
      return;
    }
    const facts = factsOf(request);
    const result = await invoke(toConnectEvent(facts, { target, headers: request.headersDistinct }));
    const status = result.statusCode ?? 200;
    if (status < 200 || status > 299) {
      refuse(socket, status);
      return;
    }
    const protocol = headerOf(result, 'sec-websocket-protocol');
    if (protocol !== undefined) protocols.set(request, protocol);
    server.handleUpgrade(request, socket, head, (opened) => open(facts, opened));
  }

  return {
    /** For the HTTP server's `upgrade` event. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      socket.on('error', () => socket.destroy());
      onUpgrade(request, socket, head).catch((thrown: unknown) => {
        onFunctionError(thrown);
        refuse(socket, 500);
      });
    },
    close(): void {
      for (const connection of connections.values()) connection.close();
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
