import { defineRoute, TENANT } from '../contract/route.ts';
import { TenantSend } from '../outbox/schema.ts';
import { SessionParams } from '../sessions/schema.ts';
import { SendAnswer } from './schema.ts';

export const sendMessage = defineRoute({
  id: 'sendMessage',
  group: 'messages',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/send',
  aliases: ['/api/sessions/{sessionId}/send'],
  callers: TENANT,
  summary: 'Send a message; answers once WhatsApp has acknowledged it',
  description:
    'Status 202 with `pending` means that WhatsApp has not acknowledged it within 20 s: do not send it again, its status follows.',
  params: SessionParams,
  body: TenantSend,
  answer: SendAnswer,
  statuses: [200, 202],
  errors: [
    'RATE_LIMITED',
    'SESSION_NOT_CONNECTED',
    'MEDIA_UNAVAILABLE',
    'MESSAGE_REJECTED',
    'WORKER_UNREACHABLE',
    'WORKER_TIMEOUT',
    'WORKER_ERROR',
    'SESSION_MOVING',
    'STORAGE_UNAVAILABLE',
  ],
  idempotent: true,
});

export const messageRoutes = [sendMessage] as const;
