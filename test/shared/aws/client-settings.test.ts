import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer, stopServer } from '../../../local/services/start-server.ts';
import { isPassing, statusOf } from '../../../shared/aws/call-failure.ts';
import { clientSettings } from '../../../shared/aws/client-settings.ts';
import { localCredentials } from '../../../shared/aws/env.ts';

/** Something that answers as a service of AWS, each request with the next of these. */
async function startFake(answers: RequestListener[], limits = { attempts: 3, timeoutMs: 20_000 }) {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  const sockets = new Set<unknown>();
  const server = createServer(async (request, response) => {
    seen.push({ headers: request.headers, body: await text(request) });
    (answers[seen.length - 1] ?? answers.at(-1))?.(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  const endpoint = `http://127.0.0.1:${await startServer(server, 0)}`;
  const client = new SecretsManagerClient(
    clientSettings({ region: 'eu-west-1', endpoint, credentials: localCredentials }, limits),
  );
  onTestFinished(async () => {
    client.destroy();
    await stopServer(server);
  });
  const call = (abortSignal?: AbortSignal) =>
    client.send(
      new GetSecretValueCommand({ SecretId: 'größe' }),
      abortSignal === undefined ? {} : { abortSignal },
    );
  return { seen, sockets, call };
}

const answer =
  (status: number, body: object): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
const refusal = (name: string) => answer(400, { __type: `com.amazonaws.v20120810#${name}`, message: 'no' });
const DONE = answer(200, { SecretString: 'yes' });
const failureOf = (call: Promise<unknown>) => call.catch((thrown: unknown) => thrown);

describe('a client of AWS', () => {
  it('signs with the credentials it is given, and keeps its connection for the next call', async () => {
    const { seen, sockets, call } = await startFake([DONE]);
    expect(await call()).toMatchObject({ SecretString: 'yes' });
    await call();
    expect(sockets.size).toBe(1);
    expect(seen[0]?.body).toBe('{"SecretId":"größe"}');
    expect(seen[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=local\//);
  });

  it.each([
    ['is throttled', refusal('ThrottlingException')],
    ['meets a failure within', answer(500, {})],
    ['is cut off', ((_, response) => response.destroy()) as RequestListener],
  ])('that %s makes the same call again', async (_, failure) => {
    const { seen, call } = await startFake([failure, DONE]);
    expect(await call()).toMatchObject({ SecretString: 'yes' });
    expect(seen).toHaveLength(2);
  });

  it('fails for good after so many attempts, as something that may pass', async () => {
    const { seen, call } = await startFake([answer(503, {})]);
    const failure = await failureOf(call());
    expect([isPassing(failure), statusOf(failure), seen.length]).toEqual([true, 503, 3]);
  });

  it('that is refused says so at once, by AWS’s name', async () => {
    const { seen, call } = await startFake([refusal('ResourceNotFoundException')]);
    const failure = await failureOf(call());
    expect(failure).toMatchObject({ name: 'ResourceNotFoundException' });
    expect([isPassing(failure), statusOf(failure), seen.length]).toEqual([false, 400, 1]);
  });

  it.each<[string, RequestListener]>([
    ['no answer', () => undefined],
    ['half an answer', (_, response) => response.writeHead(200, { 'content-length': 100 }).write('{')],
  ])('that gets %s gives up in time', async (_, listener) => {
    const { call } = await startFake([listener], { attempts: 1, timeoutMs: 100 });
    expect(isPassing(await failureOf(call()))).toBe(true);
  });

  it('that nobody waits for any more makes no further attempt', async () => {
    const abort = new AbortController();
    const { seen, call } = await startFake([() => abort.abort()]);
    const failure = await failureOf(call(abort.signal));
    expect([isPassing(failure), seen.length]).toEqual([false, 1]);
  });
});

it('the status of a failure is found below what was made of it', () => {
  const cause = Object.assign(new Error(), { $metadata: { httpStatusCode: 403 } });
  expect(statusOf(new Error('away', { cause: new Error('denied', { cause }) }))).toBe(403);
  expect(statusOf(new TypeError('ours'))).toBeUndefined();
  expect(isPassing(new TypeError('ours'))).toBe(false);
});
