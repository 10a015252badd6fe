import { createServer, type IncomingMessage, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMailer } from '../../../../functions/accounts/mail/create-mailer.ts';
import { startServer, stopServer } from '../../../../local/services/start-server.ts';

const SECRET = 'a-one-time-token';
let server: Server;
let endpoint: string;
let status = 200;
const seen: { path: string; authorization: string; body: unknown }[] = [];

async function take(request: IncomingMessage): Promise<void> {
  const { url: path = '', headers } = request;
  seen.push({ path, authorization: headers.authorization ?? '', body: await json(request) });
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const headers = { 'x-amzn-errortype': 'TooManyRequestsException' };
    const body = JSON.stringify({ message: SECRET });
    void take(request).then(() => response.writeHead(status, status === 200 ? {} : headers).end(body));
  });
  endpoint = `http://127.0.0.1:${await startServer(server, 0)}`;
});
afterAll(() => stopServer(server));

const mailer = () =>
  createMailer({
    sender: 'gateway@example.com',
    region: 'eu-central-1',
    endpoint,
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
  });
const mail = { to: 'ada@example.com', subject: 'Grüße', text: `Your token: ${SECRET}` };

it('asks SES for one mail, signed for its service and region', async () => {
  await mailer()(mail);
  const { path, authorization, body } = seen.at(-1) ?? {};
  expect(path).toBe('/v2/email/outbound-emails');
  expect(authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/ses\/aws4_request/,
  );
  expect(body).toEqual({
    FromEmailAddress: 'gateway@example.com',
    Destination: { ToAddresses: ['ada@example.com'] },
    Content: {
      Simple: {
        Subject: { Data: 'Grüße', Charset: 'UTF-8' },
        Body: { Text: { Data: mail.text, Charset: 'UTF-8' } },
      },
    },
  });
});

it('fails with the status and nothing of the text, so that a log of it holds no secret; one mail is tried once', async () => {
  status = 429;
  const before = seen.length;
  const failure = await mailer()(mail).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: 'SES answered 429 TooManyRequestsException' });
  expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(SECRET);
  expect(seen).toHaveLength(before + 1);
});
