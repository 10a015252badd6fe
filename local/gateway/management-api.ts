import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Connection, Connections } from './connections.ts';
import { readBody } from './read-body.ts';

/** API Gateway's bound for a message to a client. */
const MAX_MESSAGE_BYTES = 128 * 1024;
const PATH = /\/(?:@|%40)connections\/([^/?]+)$/;

function answer(response: ServerResponse, status: number, body?: object, errorType?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

const gone = (response: ServerResponse) => answer(response, 410, { message: 'Gone' }, 'GoneException');

async function post(request: IncomingMessage, response: ServerResponse, connection: Connection) {
  const body = await readBody(request, MAX_MESSAGE_BYTES);
  if (body === 'too-large') {
    answer(response, 413, { message: 'Payload too large' }, 'PayloadTooLargeException');
    return;
  }
  if (await connection.send(body)) answer(response, 200);
  else gone(response);
}

function describe(connection: Connection) {
  const { connectedAt, sourceIp, userAgent } = connection.facts;
  return {
    connectedAt: connectedAt.toISOString(),
    lastActiveAt: connection.lastActiveAt.toISOString(),
    identity: { sourceIp, userAgent },
  };
}

/**
 * `/@connections/{id}`: how functions reach open WebSockets. Signatures are not checked, because it listens
 * on loopback only.
 */
export function createManagementApi(connections: Connections): RequestListener {
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, encodedId] = PATH.exec(request.url?.split('?')[0] ?? '') ?? [];
    if (encodedId === undefined) {
      answer(response, 404, { message: 'Not Found' });
      return;
    }
    const connection = connections.get(decodeURIComponent(encodedId));
    if (connection === undefined) gone(response);
    else if (request.method === 'POST') await post(request, response, connection);
    else if (request.method === 'GET') answer(response, 200, describe(connection));
    else if (request.method === 'DELETE') {
      connection.close(1000, 'Connection closed by the server');
      answer(response, 204);
    } else answer(response, 405, { message: 'Method Not Allowed' });
  }
  return (request, response) => {
    serve(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, { message: 'Internal server error' });
    });
  };
}
