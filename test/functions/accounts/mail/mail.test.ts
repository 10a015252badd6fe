import { pino } from 'pino';
import { expect, it } from 'vitest';
import { withMail } from '../../../../functions/accounts/mail/create-mailer.ts';
import { logMail } from '../../../../functions/accounts/mail/mail.ts';
import { createDeps } from '../../../../functions/create-deps.ts';
import { parseFunctionsEnv } from '../../../../functions/env.ts';

const SECRET = 'a-one-time-token';
const mail = { to: 'ada@example.com', subject: 'Your password reset', text: `Your token: ${SECRET}` };

async function logged(showsSecrets: boolean, secret: boolean): Promise<string> {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  await logMail(log, { showsSecrets })({ ...mail, secret });
  return lines.join('');
}

it.each([true, false])(
  'a mail that nobody sends is told of in the log, without its address',
  async (shows) => {
    const lines = await logged(shows, false);
    expect(lines).toContain(mail.subject);
    expect(lines).not.toContain(mail.to);
  },
);

it.each([
  ['on a developer’s machine', 'DEVELOPMENT', 'http://127.0.0.1:8000', true],
  ['in a stage of development in the cloud', 'DEVELOPMENT', undefined, false],
  ['in staging', 'STAGING', undefined, false],
  ['in production', 'PRODUCTION', undefined, false],
])('a secret that nobody sends %s is shown there alone', async (_, environment, endpoint, isShown) => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const env = parseFunctionsEnv({
    ENVIRONMENT: environment,
    DYNAMODB_ENDPOINT: endpoint,
    TABLE_NAME: 'gateway',
    JWT_SECRETS: 'a-secret-for-tests-of-32-characters!',
    WORKER_AUTH_TOKENS: 'a-token-of-workers-in-tests',
    WEBSOCKET_URL: 'ws://127.0.0.1:1/ws',
    WEBSOCKET_CALLBACK_URL: 'http://127.0.0.1:1',
  });
  const { sendMail } = createDeps(env, [withMail], { log });
  await sendMail({ ...mail, secret: true });
  expect(lines.join('').includes(SECRET)).toBe(isShown);
});
