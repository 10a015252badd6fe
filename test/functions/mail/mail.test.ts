import { pino } from 'pino';
import { expect, it } from 'vitest';
import { logMail } from '../../../functions/mail/mail.ts';
import { ENVIRONMENTS } from '../../../shared/workers/schema.ts';

const SECRET = 'a-one-time-token';
const mail = { to: 'ada@example.com', subject: 'Your password reset', text: `Your token: ${SECRET}` };

async function logged(environment: string, secret: boolean): Promise<string> {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  await logMail(log, { environment })({ ...mail, secret });
  return lines.join('');
}

it.each(ENVIRONMENTS)(
  'a mail that nobody sends in %s is told of in the log, without its address',
  async (stage) => {
    const lines = await logged(stage, false);
    expect(lines).toContain(mail.subject);
    expect(lines).not.toContain(mail.to);
  },
);

it.each(ENVIRONMENTS)('a secret that nobody sends in %s is shown to developers alone', async (stage) => {
  expect((await logged(stage, true)).includes(SECRET)).toBe(stage === 'DEVELOPMENT');
});
