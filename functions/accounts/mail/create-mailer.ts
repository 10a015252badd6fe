import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { statusOf } from '../../../shared/aws/call-failure.ts';
import { type AwsPlace, clientSettings } from '../../../shared/aws/client-settings.ts';
import type { OpenService, ServiceContext } from '../../aws/services.ts';
import { logMail, type SendMail } from './mail.ts';

export interface MailerOptions extends AwsPlace {
  /** The address that mails come from; SES has verified it. */
  sender: string;
}

/** One attempt only: every caller has a queue or a sweep that tries again. */
const ATTEMPTS = 1;
const TIMEOUT_MS = 5_000;

/** SES's text may repeat the mail, and with it a one-time token: only its name for the failure is passed on. */
function withoutText(thrown: unknown): Error {
  const status = statusOf(thrown);
  const name = thrown instanceof Error ? thrown.name : 'unknown';
  return new Error(status === undefined ? `SES did not answer (${name})` : `SES answered ${status} ${name}`);
}

/** Sends mails through Amazon SES. @throws Error with SES's status and its name for the failure */
export function createMailer({ sender, ...place }: MailerOptions): SendMail {
  const client = new SESv2Client(clientSettings(place, { attempts: ATTEMPTS, timeoutMs: TIMEOUT_MS }));
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return async ({ to, subject, text }) => {
    const request = new SendEmailCommand({
      FromEmailAddress: sender,
      Destination: { ToAddresses: [to] },
      Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text) } } },
    });
    await client.send(request).catch((thrown: unknown) => {
      throw withoutText(thrown);
    });
  };
}

/**
 * Secrets are shown on a developer's own machine only: there the table has an endpoint. The log of a
 * development stage in the cloud is read by others.
 */
const isOwnMachine = ({ ENVIRONMENT, DYNAMODB_ENDPOINT }: ServiceContext['env']) =>
  ENVIRONMENT === 'DEVELOPMENT' && DYNAMODB_ENDPOINT !== undefined;

export const withMail: OpenService = ({ env, credentials, log }) => {
  const { MAIL_SENDER: sender, AWS_REGION: region, SES_ENDPOINT, AWS_ENDPOINT_URL } = env;
  if (sender === undefined) return { sendMail: logMail(log, { showsSecrets: isOwnMachine(env) }) };
  return {
    sendMail: createMailer({ sender, region, endpoint: SES_ENDPOINT ?? AWS_ENDPOINT_URL, credentials }),
  };
};
