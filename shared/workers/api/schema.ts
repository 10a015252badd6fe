import * as z from 'zod';
import { DEFAULT_MAX_BODY_BYTES } from '../../contract/route.ts';
import { HistoryQuery } from '../../messages/history/history-query.ts';
import { SendBody } from '../../messages/schema.ts';
import { SESSION_STATUSES, type SessionStatus } from '../../sessions/schema.ts';
import { WorkerSettings } from '../../sessions/settings.ts';
import { Slug } from '../../text/slug.ts';
import { SessionBreakdown } from '../schema.ts';

/** The worker API's spelling of session statuses. */
export const WORKER_SESSION_STATUSES = SESSION_STATUSES.map((status) => status.toLowerCase()) as [
  Lowercase<SessionStatus>,
  ...Lowercase<SessionStatus>[],
];
export const WorkerSessionStatus = z.enum(WORKER_SESSION_STATUSES);
export type WorkerSessionStatus = z.infer<typeof WorkerSessionStatus>;

/**
 * Travels in every command of our control plane; absent from callers that know no epochs. `generation`
 * is that of the worker's lease under which the session was assigned: under another one the command is void.
 */
export const Ownership = z.object({
  generation: z.number().int().min(0).optional(),
  epoch: z.number().int().min(0).optional(),
  rev: z.number().int().min(0).optional(),
});
export type Ownership = z.infer<typeof Ownership>;

export const CreateWorkerSession = Ownership.extend({
  sessionId: Slug,
  userId: z.string().min(1).max(128),
  sessionName: z.string().max(100).optional(),
  authFloor: z.number().int().min(0).optional().meta({
    description:
      'Credentials written under a lower epoch are void: the session was deleted or logged out since.',
  }),
  settings: WorkerSettings.optional().meta({ description: 'Absent: the defaults.' }),
});
export type CreateWorkerSession = z.infer<typeof CreateWorkerSession>;

/** A session as the worker holds it. */
export const WorkerSession = z.object({
  sessionId: z.string(),
  status: WorkerSessionStatus,
  phoneNumber: z.string().nullable(),
  lastActivity: z.iso.datetime().nullable(),
  qrCode: z.string().optional(),
  qrString: z.string().optional(),
  qrExpiresAt: z.iso.datetime().optional(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
});
export type WorkerSession = z.infer<typeof WorkerSession>;

/** `messageId` is chosen before sending, so that a repeated call is the same message. */
export const WorkerSend = SendBody.and(
  z.object({
    messageId: z
      .string()
      .regex(/^[0-9A-Z]{16,64}$/)
      .optional(),
    epoch: z.number().int().optional(),
  }),
);
export type WorkerSend = z.infer<typeof WorkerSend>;

export const WorkerHistoryQuery = HistoryQuery.extend({
  firstEpoch: z.coerce.number().int().min(0).optional().meta({
    description: 'What was written under lower epochs was a deleted session’s of the same name.',
  }),
});

export const WorkerHealth = z.object({
  status: z.enum(['online', 'draining', 'maintenance']),
  sessionCount: z.number().int(),
  cpuUsage: z.number(),
  memoryUsage: z.number(),
  uptime: z.number(),
  maxSessions: z.number().int(),
  availableSlots: z.number().int(),
  sessionBreakdown: SessionBreakdown,
});
export type WorkerHealth = z.infer<typeof WorkerHealth>;

/** The worker's routes form one group, since they run in one process. */
export const workerRoute = { group: 'workers', callers: ['worker'], maxBodyBytes: 256 * 1024 } as const;

/** Of messages, which may have their file in them. */
export const MAX_SEND_BYTES = DEFAULT_MAX_BODY_BYTES;

/** Under the worker's base path and under the bare one. */
export const sessionPath = <const P extends string>(rest: P) =>
  ({ path: `/api/session${rest}`, aliases: [`/session${rest}`] }) as const;
