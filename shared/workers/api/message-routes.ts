import * as z from 'zod';
import { defineRoute } from '../../contract/route.ts';
import { HistoryPage } from '../../messages/history/history-query.ts';
import { FoundMessage } from '../../messages/history/history-record.ts';
import { SendAnswer } from '../../messages/schema.ts';
import { SessionParams } from '../../sessions/schema.ts';
import { Slug } from '../../text/slug.ts';
import { MAX_SEND_BYTES, sessionPath, WorkerHistoryQuery, WorkerSend, workerRoute } from './schema.ts';

const session = { ...workerRoute, params: SessionParams } as const;

const sendErrors = [
  'SESSION_NOT_CONNECTED',
  'STALE_OWNER',
  'MEDIA_UNAVAILABLE',
  'FORBIDDEN',
  'CONFLICT',
  'GROUP_NOT_FOUND',
  'MESSAGE_REJECTED',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'WORKER_BUSY',
  'SHUTTING_DOWN',
] as const;

export const workerSend = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/send'),
  id: 'workerSend',
  method: 'POST',
  summary: 'Send a message',
  body: WorkerSend,
  maxBodyBytes: MAX_SEND_BYTES,
  answer: SendAnswer,
  statuses: [200, 202],
  errors: sendErrors,
});

export const workerListMessages = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/messages'),
  id: 'workerListMessages',
  method: 'GET',
  summary:
    'What the session has sent and received, the newest first, also what is not written to storage yet',
  query: WorkerHistoryQuery,
  answer: HistoryPage,
  errors: ['STORAGE_UNAVAILABLE'],
});

export const workerGetMessage = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/messages/{messageId}'),
  id: 'workerGetMessage',
  method: 'GET',
  summary: 'One of them with the steps of its status',
  params: SessionParams.extend({ messageId: z.string().min(1).max(128) }),
  query: WorkerHistoryQuery.pick({ firstEpoch: true }),
  answer: FoundMessage,
  errors: ['STORAGE_UNAVAILABLE'],
});

export const workerSendGeneric = defineRoute({
  ...workerRoute,
  id: 'workerSendGeneric',
  method: 'POST',
  path: '/message/send',
  summary: 'Send a message, with the session in the body',
  body: WorkerSend.and(z.object({ sessionId: Slug })),
  maxBodyBytes: MAX_SEND_BYTES,
  answer: SendAnswer,
  statuses: [200, 202],
  errors: sendErrors,
});

export const workerMessageRoutes = [
  workerSend,
  workerListMessages,
  workerGetMessage,
  workerSendGeneric,
] as const;
