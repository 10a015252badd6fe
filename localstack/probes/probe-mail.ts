import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { callService } from '../emulator-client.ts';
import type { Emulator } from '../env.ts';
import { readDeployed } from '../read-deployed.ts';

const ARRIVES_WITHIN_MS = 60_000;
const POLL_MS = 250;
/** The stage's sender; on AWS someone verifies its domain once. */
const SENDER = 'gateway@example.com';

/** The text of the mail to this address, once SES has it. @throws where none comes */
async function readMail(emulator: Emulator, to: string): Promise<string> {
  const deadline = performance.now() + ARRIVES_WITHIN_MS;
  for (;;) {
    const all = await callService(emulator, { service: 'ses', path: '_ministack/ses/messages' });
    const { messages }: { messages?: Record<string, unknown[]> } = JSON.parse(all);
    const mail = Object.values(messages ?? {})
      .flat()
      .map((each) => JSON.stringify(each))
      .find((each) => each.includes(to));
    if (mail !== undefined) return mail;
    if (performance.now() > deadline) throw new Error(`SES got no mail to ${to}.`);
    await sleep(POLL_MS);
  }
}

/** The one-time token stands in a paragraph of its own. */
function tokenIn(mail: string): string {
  const [, token] = /\\n\\n([\w.-]{20,})\\n\\n/.exec(mail) ?? [];
  if (token === undefined) throw new Error('The mail holds no token.');
  return token;
}

/** A forgotten password, from the request by queue, function and SES to the login. @throws where it gets lost */
export async function probeMail(emulator: Emulator): Promise<string> {
  const body = JSON.stringify({ EmailIdentity: SENDER });
  await callService(emulator, {
    service: 'ses',
    method: 'POST',
    path: 'v2/email/identities',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { apiUrl } = await readDeployed(emulator);
  const anonymous = createClient(controlRoutes, { baseUrl: apiUrl });
  const email = `mail-${randomUUID()}@example.com`;
  await anonymous.register({ body: { email, password: 'correct horse battery', name: 'Ma' } });
  await anonymous.requestPasswordReset({ body: { email } });
  const mail = await readMail(emulator, email);
  if (!mail.includes(SENDER)) throw new Error(`The mail does not come from ${SENDER}.`);
  const password = 'another horse battery';
  await anonymous.confirmPasswordReset({ body: { token: tokenIn(mail), password } });
  await anonymous.login({ body: { email, password } });
  return 'mail: a password reset went through queue, function and SES; its token set a new password';
}
