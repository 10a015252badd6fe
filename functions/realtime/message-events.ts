import type { MessageStatus } from '../../shared/messages/schema.ts';
import type { Outgoing } from './frame.ts';

interface StatusFields {
  sessionId: string;
  messageId: string;
  status: MessageStatus;
  error?: string | null | undefined;
  errorCode?: string | null | undefined;
}

/** What became of a message, for the session's clients; `id` is the same on a repeated delivery. */
export function messageEvent(
  { sessionId, messageId, status, error, errorCode }: StatusFields,
  identity: { id: string; timestamp: string },
): Outgoing {
  return {
    event: 'message_status_update',
    ...identity,
    data: {
      sessionId,
      messageId,
      status,
      ...(error ? { error } : {}),
      ...(errorCode ? { errorCode } : {}),
    },
  };
}
