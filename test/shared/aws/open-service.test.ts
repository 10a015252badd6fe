import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer, stopServer } from '../../../local/services/start-server.ts';
import { localCredentials } from '../../../shared/aws/env.ts';
import { callAction } from '../../../shared/aws/json-action.ts';
import { openService, type ServiceOptions } from '../../../shared/aws/open-service.ts';

interface Seen {
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Something that answers as a service of AWS, each request with the next of these. */
async function startFake(answers: RequestListener[], options: Partial<ServiceOptions> = {}) {
  const seen: Seen[] = [];
  const sockets = new Set<unknown>();
  const server = createServer(async (request, response) => {
    seen.push({ url: request.url, headers: request.headers, body: await text(request) });
    (answers[seen.length - 1] ?? answers.at(-1))?.(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  const port = await startServer(server, 0);
  const service = openService({
    service: 'dynamodb',
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: localCredentials,
    attempts: 3,
    attemptTimeoutMs: 5_000,
    backOff: { firstMs: 1, longestMs: 1 },
    ...options,
  });
  onTestFinished(async () => {
    service.close();
    server.closeAllConnections();
    await stopServer(server);
  });
  const call = (action = 'GetItem') =>
    callAction(service, { target: 'DynamoDB_20120810', version: '1.0' }, action, { TableName: 'größe' });
  return { service, seen, sockets, call };
}

const answer =
  (status: number, body: object): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(JSON.stringify(body));
const refusal = (name: string) => answer(400, { __type: `com.amazonaws.v20120810#${name}`, message: 'no' });
const DONE = answer(200, { ok: true });

describe('a call of AWS', () => {
  it('is signed, names its action, and keeps its connection for the next', async () => {
    const { seen, sockets, call } = await startFake([DONE]);
    expect(await call()).toEqual({ ok: true });
    await call();
    expect(sockets.size).toBe(1);
    expect(seen[0]?.body).toBe('{"TableName":"größe"}');
    expect(seen[0]?.headers).toMatchObject({
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      'content-type': 'application/x-amz-json-1.0',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/eu-west-1\/dynamodb\/aws4_request, SignedHeaders=content-length;/,
      ),
    });
  });

  it.each([
    ['is throttled', refusal('ProvisionedThroughputExceededException')],
    ['meets a failure within', answer(500, {})],
    ['is cut off', ((_, response) => response.destroy()) as RequestListener],
  ])('that %s is tried again', async (_, failure) => {
    const { seen, call } = await startFake([failure, failure, DONE]);
    expect(await call()).toEqual({ ok: true });
    expect(seen).toHaveLength(3);
  });

  it('fails for good after so many attempts, as something that may pass', async () => {
    const { seen, call } = await startFake([answer(503, {})]);
    await expect(call()).rejects.toMatchObject({ name: 'Http503', status: 503, transient: true });
    expect(seen).toHaveLength(3);
  });

  it('that is refused is not tried again, and fails by AWS’s name', async () => {
    const { seen, call } = await startFake([refusal('ConditionalCheckFailedException')]);
    await expect(call()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', transient: false });
    expect(seen).toHaveLength(1);
  });

  it('that gets no answer ends in time', async () => {
    const { call } = await startFake([() => undefined], { attempts: 1, attemptTimeoutMs: 50 });
    await expect(call()).rejects.toMatchObject({ name: 'NoAnswer', transient: true });
  });

  it('that nobody waits for any more is not tried again', async () => {
    const abort = new AbortController();
    const { service, seen } = await startFake([() => abort.abort()]);
    await expect(service.send({ method: 'GET', signal: abort.signal })).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });

  it('goes below the path of the endpoint', async () => {
    const { service, seen } = await startFake([DONE]);
    await service.send({ method: 'GET', path: '/@connections/a%3D' });
    expect(seen[0]?.url).toBe('/@connections/a%3D');
  });
});
