import type { Logger } from 'pino';

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Resolves once the mail is on its way; sending again after a failure may send it twice. */
export type SendMail = (mail: Mail) => Promise<void>;

/** Where no sender is named: the log says that there was something to say, and what about. */
export function logMail(log: Logger): SendMail {
  return async ({ subject, text }) => log.warn({ subject, text }, 'a mail that nobody sends');
}
