import type { Logger } from 'pino';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** What it says is for its reader only: it is not logged. */
  secret?: boolean;
}

/** Resolves once the mail is on its way; sending again after a failure may send it twice. */
export type SendMail = (mail: Mail) => Promise<void>;

/** Where no sender is named: the log says that there was something to say, and what about. */
export function logMail(log: Logger): SendMail {
  return async ({ subject, text, secret = false }) =>
    log.warn({ subject, text: secret ? '[secret]' : text }, 'a mail that nobody sends');
}
