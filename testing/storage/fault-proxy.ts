import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What an object store may do to its clients. `half`: half of what is read, and of what is written, arrives, and
 * the connection breaks. `hang`: nothing is answered. `gone`: there is no such bucket.
 */
export type StorageTrouble = 'error' | 'throttle' | 'gone' | 'half' | 'hang' | 'refuse' | { slowMs: number };

export interface FaultProxy {
  endpoint: string;
  /** With its end the connections break that were left without an answer. */
  trouble: StorageTrouble | undefined;
  /** Which requests it befalls, by path; all where absent. */
  befalls: ((path: string) => boolean) | undefined;
  close(): Promise<void>;
}

const ANSWERS = {
  error: { status: 500, code: 'InternalError' },
  throttle: { status: 503, code: 'SlowDown' },
  gone: { status: 404, code: 'NoSuchBucket' },
} as const;

/** S3's protocol on loopback, passed on to a real store, in whatever condition a test wants. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const hung = new Set<Socket>();
  let current: StorageTrouble | undefined;
  const server = createServer((incoming, answer) => {
    const trouble = proxy.befalls?.(incoming.url ?? '') === false ? undefined : proxy.trouble;
    if (trouble === 'hang') hung.add(incoming.socket);
    void handle(target, incoming, answer, trouble).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      hung.delete(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    get trouble() {
      return current;
    },
    set trouble(trouble) {
      current = trouble;
      if (trouble !== 'hang') for (const socket of hung) socket.destroy();
    },
    befalls: undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function handle(
  target: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  trouble: StorageTrouble | undefined,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (trouble === 'hang') return;
  if (trouble === 'refuse') {
    incoming.socket.destroy();
    return;
  }
  if (trouble === 'error' || trouble === 'throttle' || trouble === 'gone') {
    const { status, code } = ANSWERS[trouble];
    const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
    answer.writeHead(status, { 'content-type': 'application/xml' }).end(text);
    return;
  }
  if (typeof trouble === 'object') await sleep(trouble.slowMs);
  const isHalf = trouble === 'half';
  const passed = isHalf ? body.subarray(0, body.length / 2) : body;
  const { status, headers, body: answered } = await forward(target, incoming, passed);
  if (isHalf && incoming.method !== 'GET') {
    incoming.socket.destroy();
    return;
  }
  answer.writeHead(status, headers);
  if (isHalf) answer.write(answered.subarray(0, answered.length / 2), () => incoming.socket.destroy());
  else answer.end(answered);
}

function forward(target: string, { url, method, headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const length = body.length > 0 ? { 'content-length': String(body.length) } : {};
      const outgoing = request(new URL(url ?? '/', target), { method, headers: { ...headers, ...length } });
      outgoing.on('error', reject);
      outgoing.on('response', async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const status = response.statusCode ?? 500;
        resolve({ status, headers: response.headers, body: Buffer.concat(chunks) });
      });
      outgoing.end(body);
    },
  );
}
