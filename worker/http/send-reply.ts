import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { Reply } from './handlers.ts';

/** 202 where WhatsApp has not acknowledged in time: its status follows, a second send would be a second message. */
export const toSendReply = (answer: SendAnswer): Reply<SendAnswer> => ({
  status: answer.status === 'pending' ? 202 : 200,
  data: answer,
});
