import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';

/** Tenants' endpoints, in a thread of their own so that they are not measured with the gateway's work. */
const { endpoints } = z
  .object({ endpoints: z.array(z.object({ name: z.string(), answersAfterMs: z.number().nullable() })) })
  .parse(workerData);

const Event = z.object({
  data: z.object({ number: z.number(), toldAtMs: z.number() }),
  sessionId: z.string(),
});
const Body = z.union([z.array(Event), Event.transform((event) => [event])]);

async function start({ name, answersAfterMs }: (typeof endpoints)[number]): Promise<[string, string]> {
  const answer = (response: ServerResponse) => response.writeHead(200).end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const atMs = Date.now();
      const id = String(request.headers['webhook-id']);
      for (const { data, sessionId } of Body.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))))
        parentPort?.postMessage({ type: 'arrival', name, id, sessionId, atMs, ...data });
      if (answersAfterMs === 0) answer(response);
      else if (answersAfterMs !== null) setTimeout(answer, answersAfterMs, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`];
}

const urls = Object.fromEntries(await Promise.all(endpoints.map(start)));
parentPort?.postMessage({ type: 'ready', urls });
