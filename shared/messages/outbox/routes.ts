import * as z from 'zod';
import { defineRoute, TENANT } from '../../contract/route.ts';
import { SessionParams } from '../../sessions/schema.ts';
import { Slug } from '../../text/slug.ts';
import { RevokeQuery } from '../actions.ts';
import { HistoryMessage } from '../history/history-record.ts';
import { MessageStatus, SendAnswer } from '../schema.ts';
import { SEND_ERRORS } from '../send-errors.ts';
import { TenantSend } from './schema.ts';

const MAX_BULK = 100;

export const MessageParams = SessionParams.extend({ messageId: z.string().min(1).max(128) });

/** One message's life, from acceptance on. */
export const MessageRecord = z.object({
  messageId: z.string(),
  sessionId: z.string(),
  status: z.union([MessageStatus, z.literal('cancelled')]),
  to: z.string().nullable(),
  type: z.string().nullable(),
  scheduledAt: z.iso.datetime().nullable(),
  error: z.string().nullable(),
  errorCode: z.string().nullable(),
  timeline: z.array(z.object({ status: z.string(), at: z.iso.datetime() })),
  message: HistoryMessage.optional().meta({
    description: 'The message itself, where it was received, or sent more than 30 days ago.',
  }),
});
export type MessageRecord = z.infer<typeof MessageRecord>;

export const sendByKey = defineRoute({
  id: 'sendByKey',
  group: 'messages',
  method: 'POST',
  path: '/api/v1/send',
  callers: ['apiKey'],
  summary: 'Send with a session’s key, or with an account’s key and a sessionId',
  body: TenantSend.and(z.object({ sessionId: Slug.optional() })).meta({
    examples: [
      {
        sessionId: 'u4k2-support-line',
        to: '6281234567890',
        type: 'text',
        message: 'Hello from the gateway',
      },
    ],
  }),
  answer: SendAnswer,
  statuses: [200, 202],
  errors: [
    'NOT_FOUND',
    'SESSION_NOT_CONNECTED',
    'MEDIA_UNAVAILABLE',
    'CONFLICT',
    'GROUP_NOT_FOUND',
    'MESSAGE_REJECTED',
    'RATE_LIMITED',
    'WORKER_UNREACHABLE',
    'WORKER_ERROR',
    'SESSION_MOVING',
    'STORAGE_UNAVAILABLE',
    'WORKER_BUSY',
  ],
  idempotent: true,
});

export const sendBulk = defineRoute({
  id: 'sendBulk',
  group: 'messages',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/send/bulk',
  callers: TENANT,
  summary: 'Accept up to 100 messages into the outbox',
  params: SessionParams,
  body: z.object({ messages: z.array(TenantSend).min(1).max(MAX_BULK) }),
  answer: z.object({ messages: z.array(SendAnswer) }),
  statuses: [202],
  errors: ['NOT_FOUND', 'RATE_LIMITED', 'STORAGE_UNAVAILABLE'],
  idempotent: true,
});

export const getMessage = defineRoute({
  id: 'getMessage',
  group: 'messages',
  method: 'GET',
  path: '/api/v1/sessions/{sessionId}/messages/{messageId}',
  callers: TENANT,
  summary: 'One message with its status timeline',
  description:
    'Of what was sent in the last 30 days the status alone; what was received, or sent before, comes from the history.',
  params: MessageParams,
  answer: MessageRecord,
  errors: ['STORAGE_UNAVAILABLE'],
});

export const deleteMessage = defineRoute({
  id: 'deleteMessage',
  group: 'messages',
  method: 'DELETE',
  path: '/api/v1/sessions/{sessionId}/messages/{messageId}',
  callers: TENANT,
  summary: 'Cancel a message that waits in the outbox, or revoke one for everyone',
  description:
    'Revoking is a message of its own: the answer is its record, and 202 means that WhatsApp has not acknowledged it yet. Own messages can be revoked, and in groups those of others by an admin.',
  params: MessageParams,
  query: RevokeQuery,
  answer: MessageRecord,
  statuses: [200, 202],
  errors: SEND_ERRORS,
});

export const outboxRoutes = [sendByKey, sendBulk, getMessage, deleteMessage] as const;
