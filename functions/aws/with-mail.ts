import { createMailer } from '../accounts/mail/create-mailer.ts';
import { logMail } from '../accounts/mail/mail.ts';
import type { OpenService, ServiceContext } from './services.ts';

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
