import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { readBody } from '../gateway/read-body.ts';
import { startServer, stopServer } from '../services/start-server.ts';

export interface WebhookEvent {
  id: string;
  type: string;
  data: Record<string, unknown>;
}

/** A tenant's own server: takes events, checks their signatures with the specification's library. */
export interface WebhookReceiver {
  url: string;
  /** From now on, only events signed with this secret count. */
  trust(secret: string): void;
  /** The first event that matches. @throws where none comes in time, or one comes with a wrong signature */
  next(matches: (event: WebhookEvent) => boolean, timeoutMs: number): Promise<WebhookEvent>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const events: WebhookEvent[] = [];
  const listeners = new Set<() => void>();
  const state: { webhook?: Webhook; forged?: Error } = {};
  const server = createServer(async (request, response) => {
    const body = Buffer.from(await readBody(request, MAX_BODY_BYTES)).toString('utf8');
    try {
      const verified = state.webhook?.verify(body, request.headers as Record<string, string>);
      events.push(verified as WebhookEvent);
      response.writeHead(204).end();
    } catch (thrown) {
      state.forged = thrown instanceof Error ? thrown : new Error(String(thrown));
      response.writeHead(401).end();
    }
    for (const listener of listeners) listener();
  });
  const port = await startServer(server, 0);
  return {
    url: `http://127.0.0.1:${port}/events`,
    trust: (secret) => {
      state.webhook = new Webhook(secret);
    },
    next: async (matches, timeoutMs) => {
      const { promise, resolve, reject } = Promise.withResolvers<WebhookEvent>();
      const look = () => {
        if (state.forged !== undefined) reject(new Error(`the signature is wrong: ${state.forged.message}`));
        const found = events.find(matches);
        if (found !== undefined) resolve(found);
      };
      const timer = setTimeout(() => reject(new Error('no webhook came in time')), timeoutMs);
      listeners.add(look);
      look();
      return await promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
    close: () => stopServer(server),
  };
}
