import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to one request on its way, in milliseconds. */
export interface Delay {
  /** Before it is passed on. */
  requestMs?: number;
  /** Before its answer is. */
  answerMs?: number;
}

/** The way from the workers to the control plane, in whatever condition a test wants. */
export interface TroubleProxy {
  url: string;
  delayOf: (method: string, path: string) => Delay;
  /** Nothing gets through, in either direction: connections break, new ones too. */
  isCut: boolean;
  close(): Promise<void>;
}

export async function startTroubleProxy(target: string): Promise<TroubleProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((incoming, answer) => {
    pass(target, incoming, answer, () => proxy).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: TroubleProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delayOf: () => ({}),
    get isCut() {
      return isCut;
    },
    set isCut(value) {
      isCut = value;
      if (value) for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function pass(
  target: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  proxy: () => TroubleProxy,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = 'GET', url = '/', headers } = incoming;
  const { requestMs = 0, answerMs = 0 } = proxy().delayOf(method, url);
  await sleep(requestMs);
  if (proxy().isCut) throw new Error('cut');
  const outgoing = request(new URL(url, target), { method, headers });
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.end(Buffer.concat(chunks));
  });
  const body: Buffer[] = [];
  for await (const chunk of answered) body.push(chunk);
  await sleep(answerMs);
  if (proxy().isCut) throw new Error('cut');
  answer.writeHead(answered.statusCode ?? 502, answered.headers).end(Buffer.concat(body));
}
