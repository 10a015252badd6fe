import type { Logger } from 'pino';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The text is for the recipient only: it is logged on a developer's own machine and nowhere else. */
  secret?: boolean;
}

/** Resolves once the mail is accepted for delivery; repeating a failed call may send it twice. */
export type SendMail = (mail: Mail) => Promise<void>;

/**
 * Replaces mail where the stage names no sender: logs the subject.
 * @param showsSecrets also logs the text, on a developer's own machine, where there is no mailbox to look
 * into
 */
export function logMail(log: Logger, { showsSecrets }: { showsSecrets: boolean }): SendMail {
  return async ({ subject, text, secret = false }) => {
    const shown = { subject, text: secret && !showsSecrets ? '[secret]' : text };
    log[showsSecrets ? 'info' : 'warn'](shown, 'a mail that nobody sends');
  };
}
