import { AppError } from '../../../shared/errors/app-error.ts';
import { NOT_SENT_CODE } from '../../../shared/messages/send-errors.ts';
import { sentenceForNack } from '../../whatsapp/sending/nack-reasons.ts';
import { refusedRequest } from '../../whatsapp/socket/ask-whatsapp.ts';

/** Why a message will not arrive: WhatsApp's code or one of ours, and a sentence for its sender. */
export interface SendFailure {
  code: string;
  sentence: string;
}

export const NOT_ACKNOWLEDGED: SendFailure = {
  code: 'NOT_ACKNOWLEDGED',
  sentence: 'WhatsApp did not confirm the message, although it was sent several times.',
};
export const NOT_SENT: SendFailure = {
  code: NOT_SENT_CODE,
  sentence: 'The worker ended before the message was ready to leave. It was not sent.',
};
export const LOGGED_OUT: SendFailure = {
  code: 'LOGGED_OUT',
  sentence: 'The session was logged out before WhatsApp had confirmed the message.',
};

export const refusalOf = (code: string): SendFailure => ({ code, sentence: sentenceForNack(code) });

export function rejection({ code, sentence }: SendFailure): AppError {
  return new AppError('MESSAGE_REJECTED', sentence, { details: [{ path: 'code', message: code }] });
}

/**
 * Tells whether a failed relay kept the stanza. Refusals by the server and closed sockets come before it is
 * encrypted (`socket.js`, query and sendRawMessage), and so do faults in reading answers; only a time-out, or
 * an error of the transport itself, may follow it.
 */
export function certainlyKept(fault: unknown): boolean {
  if (fault instanceof AppError || fault instanceof TypeError) return true;
  const { isBoom, output } = (fault ?? {}) as { isBoom?: boolean; output?: { statusCode?: number } };
  return isBoom === true && output?.statusCode !== 408;
}

/** `to` is the chat that the message was for, as a JID. */
export function toSendError(fault: unknown, to: string): AppError {
  // As a time-out of the send itself, it would be taken for a message that may be on its way.
  if (fault instanceof AppError && fault.code === 'WORKER_TIMEOUT')
    return new AppError('WORKER_ERROR', 'WhatsApp did not say in time what this message needs. Try again.', {
      cause: fault,
    });
  if (fault instanceof AppError) return fault;
  // A group is asked for its members first; a group that the account has left never answers.
  const refused = to.endsWith('@g.us') ? refusedRequest(fault) : undefined;
  if (refused !== undefined) return refused;
  const { output } = (fault ?? {}) as { output?: { statusCode?: number } };
  if (output?.statusCode === 428)
    return new AppError(
      'SESSION_NOT_CONNECTED',
      'The connection to WhatsApp was lost before the message left.',
      { cause: fault },
    );
  return new AppError('WORKER_ERROR', 'The message could not be prepared for WhatsApp. Try again.', {
    cause: fault,
  });
}
