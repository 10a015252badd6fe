import { type Credentials, createSigner } from '../../shared/aws/create-signer.ts';
import { signedFetch } from '../../shared/aws/signed-fetch.ts';
import type { SendMail } from './mail.ts';

export interface MailerOptions {
  /** The address that mails come from; SES has verified it. */
  sender: string;
  region: string;
  /** Of an emulator; AWS's own where absent. */
  endpoint?: string | undefined;
  credentials: () => Promise<Credentials>;
  fetch?: typeof globalThis.fetch;
}

const TIMEOUT_MS = 5_000;
/** SES v2's SendEmail. */
const PATH = '/v2/email/outbound-emails';

/**
 * Mails through Amazon SES. Tried once: whoever asks for a mail has a queue or a sweep that asks again.
 * @throws Error with SES's status; its text may repeat the mail, and is not passed on
 */
export function createMailer({ sender, region, endpoint, credentials, fetch }: MailerOptions): SendMail {
  const signer = createSigner({ service: 'ses', region, credentials });
  const url = new URL(PATH, endpoint ?? `https://email.${region}.amazonaws.com`);
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return async ({ to, subject, text }) => {
    const response = await signedFetch(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          FromEmailAddress: sender,
          Destination: { ToAddresses: [to] },
          Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text) } } },
        }),
      },
      { signer, signal: AbortSignal.timeout(TIMEOUT_MS), ...(fetch === undefined ? {} : { fetch }) },
    );
    await response.body?.cancel();
    if (!response.ok) throw new Error(`SES answered ${response.status}`);
  };
}
