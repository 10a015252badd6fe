import { createServer, type RequestListener, type Server } from 'node:http';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportedMessage } from '../../../testing/control-plane/received-message.ts';
import { createControlClient } from '../../../worker/control-plane/control-client.ts';
import { createReportSink } from '../../../worker/control-plane/report-sink.ts';
import type { Report } from '../../../worker/report.ts';

const REPORT: Report = {
  kind: 'session-status',
  body: { id: 'event-1', sessionId: 'ada-personal', status: 'connected', epoch: 2, seq: 5 },
};
const applied = JSON.stringify({ success: true, data: { applied: true } });

let server: Server;
let connections = 0;
let answer: RequestListener;
let control: ReturnType<typeof createControlClient>;

beforeEach(async () => {
  connections = 0;
  server = createServer((request, response) => answer(request, response));
  // Longer than any pause between two reports here.
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  control = createControlClient({ baseUrl: `http://127.0.0.1:${port}`, token: 'token' });
});
afterEach(() => {
  control.close();
  server.closeAllConnections();
  server.close();
});

const createSink = () =>
  createReportSink({ client: control.client, workerId: 'worker-001', logger: pino({ level: 'silent' }) });

function answerWith(status: number, body: string): void {
  answer = (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
}

const failure = (code: string) =>
  JSON.stringify({ success: false, error: 'A sentence.', code, requestId: 'r' });

describe('the report sink', () => {
  it.each([
    [200, applied, 'accepted'],
    [409, failure('STALE_OWNER'), 'stale'],
    [400, failure('VALIDATION_ERROR'), 'rejected'],
    [404, failure('NOT_FOUND'), 'rejected'],
    [401, failure('UNAUTHORIZED'), 'retry'],
    [429, failure('RATE_LIMITED'), 'retry'],
    [500, failure('INTERNAL_ERROR'), 'retry'],
    [502, '<html>bad gateway</html>', 'retry'],
    [404, '{"message":"Not Found"}', 'retry'],
    [200, '<html>a captive portal</html>', 'retry'],
  ])('takes status %i with %s as %s', async (status, body, outcome) => {
    answerWith(status, body);
    expect(await createSink().deliver(REPORT)).toBe(outcome);
  });

  it('says retry, and does not throw, when nobody answers', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await createSink().deliver(REPORT)).toBe('retry');
  });

  it('keeps its connection for the next report', async () => {
    answerWith(200, applied);
    const sink = createSink();
    for (let round = 0; round < 5; round += 1) await sink.deliver(REPORT);
    expect(connections).toBe(1);
  });

  it('goes on over a new connection when the control plane has closed the kept one', async () => {
    let served = 0;
    answer = (request, response) => {
      served += 1;
      if (served === 2) {
        request.socket.resetAndDestroy();
        return;
      }
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(applied);
    };
    const sink = createSink();
    expect(await sink.deliver(REPORT)).toBe('accepted');
    expect(await sink.deliver(REPORT)).toBe('accepted');
    expect(served).toBe(3);
  });

  it('sends each kind to its own route, with the report’s id as request id', async () => {
    const seen: unknown[] = [];
    answer = (request, response) => {
      const chunks: string[] = [];
      request.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
      request.on('end', () => {
        seen.push([request.url, request.headers['x-request-id'], JSON.parse(chunks.join(''))]);
        response.writeHead(200).end(JSON.stringify({ success: true, data: { applied: true, received: 1 } }));
      });
    };
    const sink = createSink();
    await sink.deliver(REPORT);
    await sink.deliver({
      kind: 'message-status',
      body: { id: 'event-2', sessionId: 'ada-personal', messageId: 'M1', status: 'delivered' },
    });
    await sink.deliver({
      kind: 'event',
      body: {
        id: 'event-3',
        event: 'message_received',
        sessionId: 'ada-personal',
        data: reportedMessage('M2'),
      },
    });
    expect(seen).toEqual([
      ['/api/v1/webhooks/session-status', 'event-1', { workerId: 'worker-001', ...REPORT.body }],
      ['/api/v1/webhooks/message-status', 'event-2', expect.objectContaining({ messageId: 'M1' })],
      [
        '/api/v1/workers/worker-001/events',
        'event-3',
        expect.objectContaining({ event: 'message_received' }),
      ],
    ]);
  });
});
