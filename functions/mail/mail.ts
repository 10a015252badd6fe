import type { Logger } from 'pino';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** What it says is for its reader only: it is logged on a developer's machine alone. */
  secret?: boolean;
}

/** Resolves once the mail is on its way; sending again after a failure may send it twice. */
export type SendMail = (mail: Mail) => Promise<void>;

/**
 * Where no sender is named: the log says that there was something to say, and what about. On a developer's machine it
 * shows secrets too: there is no mailbox to look into.
 */
export function logMail(log: Logger, { environment }: { environment: string }): SendMail {
  const isDevelopment = environment === 'DEVELOPMENT';
  return async ({ subject, text, secret = false }) => {
    const shown = { subject, text: secret && !isDevelopment ? '[secret]' : text };
    log[isDevelopment ? 'info' : 'warn'](shown, 'a mail that nobody sends');
  };
}
