import * as z from 'zod';
import { defineRoute } from '../../contract/route.ts';
import { MessageReportBody, SessionReportBody } from './schema.ts';

const applied = z
  .object({
    applied: z.boolean().meta({ description: 'False for a late or repeated report, which moves nothing.' }),
  })
  .meta({ id: 'ReportOutcome' });

export const reportSessionStatus = defineRoute({
  id: 'reportSessionStatus',
  group: 'callbacks',
  method: 'POST',
  path: '/api/v1/webhooks/session-status',
  aliases: ['/api/webhooks/session-status'],
  callers: ['worker'],
  summary: 'A worker tells where a session stands',
  body: SessionReportBody,
  answer: applied,
  errors: ['STALE_OWNER'],
});

export const reportMessageStatus = defineRoute({
  id: 'reportMessageStatus',
  group: 'callbacks',
  method: 'POST',
  path: '/api/v1/webhooks/message-status',
  aliases: ['/api/webhooks/message-status'],
  callers: ['worker'],
  summary: 'A worker tells what became of a message',
  body: MessageReportBody,
  answer: applied,
  errors: ['STALE_OWNER'],
});

export const callbackRoutes = [reportSessionStatus, reportMessageStatus] as const;
