import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordWebhook } from './event-log.ts';

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
  /** Of the body. */
  id: string;
  type: string;
  sessionId: string | null;
  data: Record<string, unknown>;
  answered: Reaction;
}

/** A status to answer with, or a fault to show. */
export type Reaction = number | 'hang' | 'reset';

export interface WebhookReceiver {
  url: string;
  /** Everything that came, in order, whatever was answered. */
  received: ReceivedWebhook[];
  /** How it reacts from now on; 200 at first. */
  react(how: (webhook: Omit<ReceivedWebhook, 'answered'>) => Reaction): void;
  /** Resolves with the first that fulfils it, also one that came before. */
  next(matches: (webhook: ReceivedWebhook) => boolean): Promise<ReceivedWebhook>;
  /** Resolves once an event with this webhook-id is left hanging: what its sender will call a time-out. */
  hung(webhookId: string): Promise<void>;
  /** Dead at once: connections break, new ones are refused. */
  kill(): Promise<void>;
  /** Back on the same port. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, reaction: Reaction): void {
  if (reaction === 'hang') return;
  if (reaction === 'reset') response.socket?.resetAndDestroy();
  else response.writeHead(reaction, { 'content-type': 'text/plain' }).end(`answer ${reaction}`);
}

/** A tenant's endpoint, well or badly behaved. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const hanging = new Map<string, PromiseWithResolvers<void>>();
  const waiting = new Set<(webhook: ReceivedWebhook) => void>();
  let reactTo: (webhook: Omit<ReceivedWebhook, 'answered'>) => Reaction = () => 200;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request);
    recordWebhook(body);
    const { id, type, sessionId, data } = JSON.parse(body);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const webhook = { headers, body, id, type, sessionId, data };
    const answered = reactTo(webhook);
    const whole = { ...webhook, answered };
    received.push(whole);
    for (const notify of [...waiting]) notify(whole);
    if (answered === 'hang') hanging.get(id)?.resolve();
    answer(response, answered);
  }

  const listen = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      take(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return server;
  };
  let server: Server | undefined = await listen(0);
  const { port } = server.address() as AddressInfo;

  async function kill(): Promise<void> {
    const dying = server;
    server = undefined;
    if (dying === undefined) return;
    const closed = new Promise<void>((resolve) => dying.close(() => resolve()));
    dying.closeAllConnections();
    await closed;
  }

  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    react: (how) => {
      reactTo = how;
    },
    next(matches) {
      const known = received.find(matches);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const notify = (webhook: ReceivedWebhook) => {
          if (!matches(webhook)) return;
          waiting.delete(notify);
          resolve(webhook);
        };
        waiting.add(notify);
      });
    },
    hung(webhookId) {
      const hang = Promise.withResolvers<void>();
      hanging.set(webhookId, hang);
      return hang.promise;
    },
    kill,
    revive: async () => {
      server ??= await listen(port);
    },
    close: kill,
  };
}
