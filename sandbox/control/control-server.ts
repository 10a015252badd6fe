import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SandboxError } from '../sandbox-error.ts';
import type { SandboxVerbs } from '../verbs.ts';
import { closeWithConnections, listenOnLoopback } from '../wire/loopback.ts';
import { describeRoutes, findRoute } from './routes.ts';

const maxBodyBytes = 96 * 1024 * 1024;

/** The control API: JSON on loopback, one route per verb, documented at `GET /`. */
export class ControlServer {
  readonly #verbs: SandboxVerbs;
  readonly #server: Server;

  constructor(verbs: SandboxVerbs) {
    this.#verbs = verbs;
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (answer) => end(response, 200, answer),
        (error: unknown) => end(response, statusOf(error), { error: sentenceOf(error) }),
      );
    });
    // Long runs pause between requests; a connection closed just as it is used again fails them.
    this.#server.keepAliveTimeout = 600_000;
  }

  async listen(port: number): Promise<number> {
    return await listenOnLoopback(this.#server, port);
  }

  async close(): Promise<void> {
    await closeWithConnections(this.#server);
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    if (method === 'GET' && url.pathname === '/') return describeRoutes();
    const { route, number } = findRoute(method, url.pathname);
    const body = method === 'POST' ? await readJson(request) : {};
    const query = Object.fromEntries(url.searchParams);
    return (await route.run(this.#verbs, { number, body, query })) ?? { done: true };
  }
}

function end(response: ServerResponse, status: number, answer: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

function statusOf(error: unknown): number {
  return error instanceof SandboxError ? error.status : 500;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBodyBytes)
      throw new SandboxError(400, `The body is larger than ${maxBodyBytes / 1024 / 1024} MiB.`);
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new SandboxError(400, 'The body is not JSON.');
  }
}
