import { defineRoute, TENANT } from '../contract/route.ts';
import { SessionParams } from '../sessions/schema.ts';
import { TenantEdit, TenantReact } from './actions.ts';
import { MessageParams } from './outbox/routes.ts';
import { TenantSend } from './outbox/schema.ts';
import { SendAnswer } from './schema.ts';
import { SEND_ERRORS } from './send-errors.ts';

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
    'CONFLICT',
    'GROUP_NOT_FOUND',
    'MESSAGE_REJECTED',
    'WORKER_UNREACHABLE',
    'WORKER_ERROR',
    'SESSION_MOVING',
    'STORAGE_UNAVAILABLE',
    'WORKER_BUSY',
  ],
  idempotent: true,
});

const action = {
  group: 'messages',
  method: 'POST',
  callers: TENANT,
  params: MessageParams,
  answer: SendAnswer,
  statuses: [200, 202],
  errors: SEND_ERRORS,
  idempotent: true,
} as const;

export const reactToMessage = defineRoute({
  ...action,
  id: 'reactToMessage',
  path: '/api/v1/sessions/{sessionId}/messages/{messageId}/react',
  summary: 'React to a message with an emoji, or take the reaction back',
  description: 'The answer’s `messageId` is the reaction’s own.',
  body: TenantReact,
});

export const editMessage = defineRoute({
  ...action,
  id: 'editMessage',
  path: '/api/v1/sessions/{sessionId}/messages/{messageId}/edit',
  summary: 'Change a text that this session has sent within the last 15 minutes',
  description: 'The answer’s `messageId` is the edit’s own. Later edits are 409: phones would not show them.',
  body: TenantEdit,
});

export const messageRoutes = [sendMessage, reactToMessage, editMessage] as const;
