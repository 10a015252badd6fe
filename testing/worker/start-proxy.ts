import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';

export interface TestProxy {
  /** With these credentials in it, where there are any. */
  url(credentials?: string): string;
  /** Hosts and ports that were asked for, in order. */
  targets: string[];
  close(): Promise<void>;
}

function join(client: Socket, upstream: Socket): void {
  client.pipe(upstream).pipe(client);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

async function listen(server: Server, open: Set<Socket>): Promise<number> {
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server, open: Set<Socket>): Promise<void> {
  for (const socket of open) socket.destroy();
  server.close();
  await once(server, 'close');
}

/** An HTTP proxy that tunnels (CONNECT); with `credentials`, only for those who show them. */
export async function startHttpProxy(credentials?: string): Promise<TestProxy> {
  const open = new Set<Socket>();
  const targets: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    client.on('error', () => client.destroy());
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = request.url ?? '';
    targets.push(target);
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      join(client, upstream);
    });
    upstream.on('error', () => client.destroy());
  });
  const port = await listen(server, open);
  const url = (given?: string) => `http://${given === undefined ? '' : `${given}@`}127.0.0.1:${port}`;
  return { url, targets, close: () => close(server, open) };
}

/** As much of SOCKS5 (RFC 1928) as a CONNECT without credentials takes. */
export async function startSocksProxy(): Promise<TestProxy> {
  const open = new Set<Socket>();
  const targets: string[] = [];
  const server = createTcpServer((client) => {
    client.on('error', () => client.destroy());
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request: Buffer) => {
        const isName = request[3] === 3;
        const length = isName ? (request[4] ?? 0) : 4;
        const start = isName ? 5 : 4;
        const address = request.subarray(start, start + length);
        const host = isName ? address.toString() : [...address].join('.');
        const port = request.readUInt16BE(start + length);
        targets.push(`${host}:${port}`);
        const upstream = connect(port, host, () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          join(client, upstream);
        });
        upstream.on('error', () => client.destroy());
      });
    });
  });
  const port = await listen(server, open);
  return { url: () => `socks5://127.0.0.1:${port}`, targets, close: () => close(server, open) };
}
