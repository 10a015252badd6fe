import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';

/** The load of `fairness.ts`, in a thread of its own so that it is not measured with the gateway's work. */
const Load = z.object({
  token: z.string(),
  sessionId: z.string(),
  perSecond: z.number(),
  /** A send goes on to the worker; a question ends at the table. */
  call: z.enum(['send', 'status']),
});
const Data = z.object({
  url: z.string(),
  greedy: Load,
  modest: Load,
  to: z.string(),
  seconds: z.number(),
});
const { url, greedy, modest, to, seconds } = Data.parse(workerData);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

interface Call {
  status: number;
  ms: number;
}

function ask({ token, sessionId, call }: z.infer<typeof Load>): Promise<Call> {
  const body = call === 'send' ? JSON.stringify({ to, type: 'text', message: 'hello' }) : '';
  const startedAt = performance.now();
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve) => {
    const method = call === 'send' ? 'POST' : 'GET';
    const sent = request(`${url}/api/v1/sessions/${sessionId}/${call}`, { method, agent, headers });
    const end = (status: number) => resolve({ status, ms: performance.now() - startedAt });
    sent.on('response', (response) => response.resume().on('end', () => end(response.statusCode ?? 0)));
    sent.on('error', () => end(0));
    sent.end(body);
  });
}

/** Calls at a steady rate, whether or not earlier ones were answered, as callers do. */
async function steadily(from: z.infer<typeof Load>): Promise<Call[]> {
  const total = from.perSecond * seconds;
  const startedAt = performance.now();
  const calls: Promise<Call>[] = [];
  while (calls.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * from.perSecond));
    while (calls.length < due) calls.push(ask(from));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await Promise.all(calls);
}

// Neither phase pays for what a process does once.
await steadily(modest);
const quiet = await steadily(modest);
// The burst of its bucket is used up first: what follows is a storm that goes on, not its beginning.
await steadily(greedy);
const [storm, meanwhile] = await Promise.all([steadily(greedy), steadily(modest)]);
agent.destroy();
parentPort?.postMessage({ quiet, storm, meanwhile });
