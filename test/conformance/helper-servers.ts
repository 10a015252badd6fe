import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { CALLERS, type Subjects } from './subjects.ts';

const Ask = z.object({
  operation: z.string(),
  caller: z.enum(CALLERS),
  data: z.record(z.string(), z.unknown()).nullish(),
});

export interface HelperServer {
  url: string;
  close(): Promise<void>;
}

async function listen(serve: RequestListener): Promise<HelperServer> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** What the hooks ask: `/subject` before a case, `/after` it succeeded. */
export function serveSubjects(subjects: Subjects): Promise<HelperServer> {
  const answer = async (path: string | undefined, text: string) => {
    const { operation, caller, data } = Ask.parse(JSON.parse(text));
    if (path === '/subject') return await subjects.of(operation, caller);
    await subjects.after(operation, caller, data ?? {});
    return {};
  };
  return listen((request, response) => {
    readText(request)
      .then((text) => answer(request.url, text))
      // What cannot be made is left as it was generated, and shows in the count of successes.
      .catch((thrown: unknown) => {
        console.error(`${request.url}: ${String(thrown)}`);
        return {};
      })
      .then((body) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      )
      .catch(() => response.destroy());
  });
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Every URL that a case names leads here: a webhook's endpoint, media, a worker that says who it is. */
export function serveSink(): Promise<HelperServer> {
  return listen((request, response) => {
    request.resume();
    const [, name, asked] = /^\/+([^/]*).*?\/(info|health|health\/live)$/.exec(request.url ?? '') ?? [];
    if (request.url?.includes('/api/session')) {
      // A made-up worker takes no sessions: the next one is asked.
      const refusal = { success: false, error: 'Use another.', code: 'SHUTTING_DOWN', requestId: 'sink' };
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    } else if (asked !== undefined) {
      const info = { workerId: `sink-${name}`, version: '1', environment: 'TESTING', capabilities: [] };
      const data = asked === 'info' ? { ...info, baileys_version: '7' } : { status: 'ok' };
      const body = JSON.stringify({ success: true, data });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    } else if (request.method === 'GET') {
      // A file is of whatever type its URL says.
      const [, type = 'image/png'] = /^\/((?:image|audio|video)\/[a-z0-9]+)\//.exec(request.url ?? '') ?? [];
      response.writeHead(200, { 'content-type': type }).end(PIXEL);
    } else response.writeHead(200).end();
  });
}
