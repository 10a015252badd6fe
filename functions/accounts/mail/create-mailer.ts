import { type AwsPlace, openService } from '../../../shared/aws/open-service.ts';
import type { SendMail } from './mail.ts';

export interface MailerOptions extends AwsPlace {
  /** The address that mails come from; SES has verified it. */
  sender: string;
}

/** One attempt only: every caller has a queue or a sweep that tries again. */
const ATTEMPTS = 1;
const TIMEOUT_MS = 5_000;
/** SES v2's SendEmail. */
const PATH = '/v2/email/outbound-emails';

/**
 * Sends mails through Amazon SES.
 * @throws AwsFailure with SES's status; SES's text may repeat the mail and is not passed on
 */
export function createMailer({ sender, region, endpoint, credentials }: MailerOptions): SendMail {
  const service = openService({
    service: 'ses',
    region,
    endpoint: endpoint ?? `https://email.${region}.amazonaws.com`,
    credentials,
    attempts: ATTEMPTS,
    attemptTimeoutMs: TIMEOUT_MS,
  });
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return async ({ to, subject, text }) => {
    await service.send({
      method: 'POST',
      path: PATH,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        FromEmailAddress: sender,
        Destination: { ToAddresses: [to] },
        Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text) } } },
      }),
    });
  };
}
