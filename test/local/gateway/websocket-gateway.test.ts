import { once } from 'node:events';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startGateways } from './gateway-fixture.ts';

let gateways: Awaited<ReturnType<typeof startGateways>>;
let management: ApiGatewayManagementApiClient;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  gateways = await startGateways();
  management = new ApiGatewayManagementApiClient({
    endpoint: gateways.managementUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
  management.destroy();
  gateways.close();
});

async function connect(query = '', protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(gateways.websocketUrl + query, protocols);
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

const connectionId = () => gateways.websocketEvents[0]?.requestContext.connectionId ?? '';
const disconnected = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gateways.behaviour.websocket = async (event) => {
    if (event.requestContext.eventType === 'DISCONNECT') resolve();
    return { statusCode: 200 };
  };
  return promise;
};

describe('$connect', () => {
  it('$connect sees query and headers, and opens the socket', async () => {
    await connect('?token=abc');
    expect(gateways.websocketEvents[0]).toMatchObject({
      queryStringParameters: { token: 'abc' },
      headers: { upgrade: 'websocket' },
      requestContext: { routeKey: '$connect', eventType: 'CONNECT' },
    });
  });

  it('$connect echoes the sub-protocol that was answered', async () => {
    gateways.behaviour.websocket = async () => ({
      statusCode: 200,
      headers: { 'Sec-WebSocket-Protocol': 'bearer' },
    });
    const socket = await connect('', ['bearer', 'the-token']);
    expect(socket.protocol).toBe('bearer');
    expect(gateways.websocketEvents[0]?.headers?.['sec-websocket-protocol']).toContain('the-token');
  });

  it.each([401, 403])('refuses before the socket opens, with status %i', async (statusCode) => {
    gateways.behaviour.websocket = async () => ({ statusCode });
    const socket = new WebSocket(gateways.websocketUrl);
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(statusCode);
    expect(gateways.connections.size).toBe(0);
    socket.on('error', () => {}).terminate();
  });
});

describe('messages', () => {
  it('messages reach $default as text, in order', async () => {
    const socket = await connect();
    const bodies: (string | undefined)[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    gateways.behaviour.websocket = async (event) => {
      if (event.requestContext.eventType === 'MESSAGE' && bodies.push(event.body) === 3) resolve();
      return { statusCode: 200 };
    };
    for (const text of ['one', 'two', 'three']) socket.send(text);
    await promise;
    expect(bodies).toEqual(['one', 'two', 'three']);
  });

  it('messages are answered by API Gateway’s error when the function throws', async () => {
    const socket = await connect();
    gateways.behaviour.websocket = async () => {
      throw new Error('secret');
    };
    socket.send('{}');
    const [data] = await once(socket, 'message');
    expect(JSON.parse(String(data))).toMatchObject({ message: 'Internal server error' });
  });

  it('messages over 32 KB in a frame end the connection', async () => {
    const socket = await connect();
    socket.send('x'.repeat(32 * 1024 + 1));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
  });
});

describe('the management API, through the AWS SDK', () => {
  const post = (data: string, id = connectionId()) =>
    management.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(data) }));

  it('the management API, through the AWS SDK posts text frames', async () => {
    const socket = await connect();
    const received = once(socket, 'message');
    await post('{"event":"pong"}');
    const [data, isBinary] = await received;
    expect([String(data), isBinary]).toEqual(['{"event":"pong"}', false]);
  });

  it('the management API, through the AWS SDK describes a connection', async () => {
    await connect();
    const answer = await management.send(new GetConnectionCommand({ ConnectionId: connectionId() }));
    expect(answer.Identity?.SourceIp).toBe('127.0.0.1');
    expect(answer.ConnectedAt).toBeInstanceOf(Date);
  });

  it('the management API, through the AWS SDK says that a connection is gone, before it opened and after it closed', async () => {
    await expect(post('x', 'nobody=')).rejects.toBeInstanceOf(GoneException);
    const socket = await connect();
    const gone = disconnected();
    socket.close();
    await gone;
    await expect(post('x')).rejects.toBeInstanceOf(GoneException);
  });

  it('the management API, through the AWS SDK refuses messages over 128 KB', async () => {
    await connect();
    await expect(post('x'.repeat(128 * 1024 + 1))).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
    });
  });

  it('the management API, through the AWS SDK closes a connection, which then runs $disconnect', async () => {
    const socket = await connect();
    const gone = disconnected();
    const closed = once(socket, 'close');
    await management.send(new DeleteConnectionCommand({ ConnectionId: connectionId() }));
    await Promise.all([closed, gone]);
    expect(gateways.connections.size).toBe(0);
    expect(gateways.websocketEvents.at(-1)?.requestContext.eventType).toBe('DISCONNECT');
  });
});
