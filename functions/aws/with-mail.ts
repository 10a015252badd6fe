import { createMailer } from '../accounts/mail/create-mailer.ts';
import { logMail } from '../accounts/mail/mail.ts';
import type { OpenService, ServiceContext } from './services.ts';

/** A stage of development in the cloud is none: its log is read by others, and names no table's endpoint. */
const isOwnMachine = ({ ENVIRONMENT, DYNAMODB_ENDPOINT }: ServiceContext['env']) =>
  ENVIRONMENT === 'DEVELOPMENT' && DYNAMODB_ENDPOINT !== undefined;

export const withMail: OpenService = ({ env, credentials, log }) => {
  const { MAIL_SENDER: sender, AWS_REGION: region, SES_ENDPOINT, AWS_ENDPOINT_URL } = env;
  if (sender === undefined) return { sendMail: logMail(log, { showsSecrets: isOwnMachine(env) }) };
  return {
    sendMail: createMailer({ sender, region, endpoint: SES_ENDPOINT ?? AWS_ENDPOINT_URL, credentials }),
  };
};
