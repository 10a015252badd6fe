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
 * Where no sender is named: the log says that there was something to say, and what about.
 * @param showsSecrets on a developer's own machine, where there is no mailbox to look into
 */
export function logMail(log: Logger, { showsSecrets }: { showsSecrets: boolean }): SendMail {
  return async ({ subject, text, secret = false }) => {
    const shown = { subject, text: secret && !showsSecrets ? '[secret]' : text };
    log[showsSecrets ? 'info' : 'warn'](shown, 'a mail that nobody sends');
  };
}
