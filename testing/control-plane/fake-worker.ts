import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import { ERROR_CODES, type ErrorCode } from '../../shared/errors/error-codes.ts';
import { workerRoutes } from '../../shared/workers/api/routes.ts';

export interface WorkerCall {
  id: string;
  params: Record<string, string>;
  body: Record<string, unknown>;
  headers: IncomingMessage['headers'];
}

/**
 * Data to answer with, an error by its code, an unknown route, a connection that breaks off, no answer at all, or
 * one that no worker gives.
 */
export type WorkerReply =
  | { data: object; status?: number }
  | { code: ErrorCode; details?: unknown }
  | 'no-such-route'
  | 'break'
  | 'hang'
  | 'nonsense';
export type Replies = Partial<
  Record<(typeof workerRoutes)[number]['id'], WorkerReply | ((call: WorkerCall) => WorkerReply)>
>;

export interface FakeWorker {
  endpoint: string;
  calls: WorkerCall[];
  callsOf(id: (typeof workerRoutes)[number]['id']): WorkerCall[];
  replies: Replies;
  close(): Promise<void>;
}

/** Says of whatever it is asked to send that it is sent, under the id it is given. */
export const sends = ({ params, body }: WorkerCall): { data: object } => ({
  data: {
    messageId: body['actionId'] ?? body['messageId'],
    status: 'sent',
    sessionId: params['sessionId'],
    timestamp: '2026-11-21T10:00:01.000Z',
  },
});

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : JSON.parse(text);
}

/** A worker's HTTP API on loopback that says what the test wants. */
export async function startFakeWorker(replies: Replies = {}): Promise<FakeWorker> {
  const matcher = createPathMatcher(workerRoutes);
  const calls: WorkerCall[] = [];
  const fake = { replies };
  const server = createServer(async (request, response) => {
    const found = matcher.match(request.method ?? '', new URL(request.url ?? '', 'http://x').pathname);
    const id = found?.route.id ?? 'workerHealth';
    const body = await readJson(request).catch(() => undefined);
    // A caller that gives up early may be gone before it has said what it wants.
    if (body === undefined) return request.socket.destroy();
    const call = { id, params: found?.params ?? {}, body, headers: request.headers };
    calls.push(call);
    const reply = fake.replies[id];
    const answer = typeof reply === 'function' ? reply(call) : (reply ?? 'no-such-route');
    if (answer === 'break') return request.socket.destroy();
    if (answer === 'hang') return undefined;
    if (answer === 'nonsense') return response.writeHead(500).end('<h1>Bad gateway</h1>');
    if (answer === 'no-such-route') return response.writeHead(404).end('Cannot POST');
    const [status, envelope] =
      'code' in answer
        ? [
            ERROR_CODES[answer.code].status,
            {
              ...{ success: false, error: 'No.', code: answer.code, requestId: 'r' },
              ...(answer.details === undefined ? {} : { details: answer.details }),
            },
          ]
        : [answer.status ?? 200, { success: true, data: answer.data }];
    return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(envelope));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    callsOf: (id) => calls.filter((call) => call.id === id),
    get replies() {
      return fake.replies;
    },
    set replies(value) {
      fake.replies = value;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A session as workers answer it. */
export function workerSession(sessionId: string, status: string, more: object = {}): { data: object } {
  return { data: { sessionId, status, phoneNumber: null, lastActivity: null, ...more } };
}

/** Below those that a system hands out: whoever asks for any free port never gets one of these. */
const UNUSED_PORTS = [2, 3, 4, 5, 6, 8, 10, 12];
let refused = 0;

/** Where nothing listens: connections are refused. Each of the last few is another one. */
export function refusedEndpoint(): string {
  refused += 1;
  return `http://127.0.0.1:${UNUSED_PORTS[refused % UNUSED_PORTS.length]}`;
}
