import * as z from 'zod';
import { SESSION_STATUSES } from '../sessions/schema.ts';
import { caseless, Slug } from '../text/slug.ts';
import { SessionBreakdown, WORKER_STATUSES } from './schema.ts';

/**
 * A figure that the table can store: bounded digits, and no larger than makes sense for a share, a time or a
 * count.
 */
const figure = z
  .number()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .transform((value) => Math.round(value * 1_000) / 1_000)
  .optional();

/** One session as the worker holds it. */
export const ReportedSession = z.object({
  sessionId: Slug,
  status: caseless(SESSION_STATUSES).meta({ enum: SESSION_STATUSES.map((word) => word.toLowerCase()) }),
  phoneNumber: z.string().max(32).nullish(),
  epoch: z.number().int().optional(),
  lastActivity: z.string().max(64).nullish(),
  recentMessages: z.number().min(0).max(1e9).optional().meta({
    description: 'Sent and received in the last minutes, the more recent ones counting more.',
  }),
});
export type ReportedSession = z.infer<typeof ReportedSession>;

const counts = SessionBreakdown.partial().loose();

/**
 * The four forms that workers send: a list of sessions (ours), counts under `metrics.sessions`, counts at the
 * top, and `metrics.sessionBreakdown`.
 */
const HeartbeatForms = z.object({
  status: caseless(WORKER_STATUSES).optional(),
  bootId: z.string().max(64).optional(),
  generation: z.number().int().optional(),
  sessions: z.union([z.array(ReportedSession).max(10_000), counts]).optional(),
  metrics: z
    .object({
      sessions: counts.optional(),
      sessionBreakdown: counts.optional(),
      sessionCount: z.number().int().min(0).optional(),
      cpuUsage: figure,
      memoryUsage: figure,
      uptime: figure,
      messageCount: figure,
    })
    .optional(),
  capabilities: z.array(z.string().max(64)).max(64).optional(),
  cpuUsage: figure,
  memoryUsage: figure,
  uptime: figure,
  messageCount: figure,
  timestamp: z.string().max(64).optional(),
});

/** A heartbeat in its one inner form. `sessions` is absent where the worker counts without naming them. */
export interface Heartbeat {
  status: (typeof WORKER_STATUSES)[number];
  bootId: string | undefined;
  /** Absent for workers that cannot fence themselves. */
  generation: number | undefined;
  sessions: ReportedSession[] | undefined;
  breakdown: SessionBreakdown;
  cpuUsage: number;
  memoryUsage: number;
  uptime: number;
  messageCount: number;
  capabilities: string[] | undefined;
}

const BREAKDOWN_BUCKET: Readonly<
  Record<(typeof SESSION_STATUSES)[number], keyof Omit<SessionBreakdown, 'total'>>
> = {
  CONNECTED: 'connected',
  DISCONNECTED: 'disconnected',
  LOGGED_OUT: 'disconnected',
  QR_REQUIRED: 'qr_required',
  INITIALIZING: 'reconnecting',
  CONNECTING: 'reconnecting',
  RECONNECTING: 'reconnecting',
  ERROR: 'error',
};

/** Counts sessions by status. */
export function countSessions(statuses: Iterable<(typeof SESSION_STATUSES)[number]>): SessionBreakdown {
  const breakdown: SessionBreakdown = {
    total: 0,
    connected: 0,
    disconnected: 0,
    qr_required: 0,
    reconnecting: 0,
    error: 0,
  };
  for (const status of statuses) {
    breakdown.total += 1;
    breakdown[BREAKDOWN_BUCKET[status]] += 1;
  }
  return breakdown;
}

function readBreakdown(forms: z.infer<typeof HeartbeatForms>): SessionBreakdown {
  if (Array.isArray(forms.sessions)) return countSessions(forms.sessions.map(({ status }) => status));
  const given = SessionBreakdown.parse(
    forms.sessions ?? forms.metrics?.sessions ?? forms.metrics?.sessionBreakdown ?? {},
  );
  const { total, ...buckets } = given;
  const counted = Object.values(buckets).reduce((sum, value) => sum + value, 0);
  return { ...given, total: total || forms.metrics?.sessionCount || counted };
}

export const HeartbeatBody = HeartbeatForms.transform(
  (forms): Heartbeat => ({
    status: forms.status ?? 'ONLINE',
    bootId: forms.bootId,
    generation: forms.generation,
    sessions: Array.isArray(forms.sessions) ? forms.sessions : undefined,
    breakdown: readBreakdown(forms),
    cpuUsage: forms.metrics?.cpuUsage ?? forms.cpuUsage ?? 0,
    memoryUsage: forms.metrics?.memoryUsage ?? forms.memoryUsage ?? 0,
    uptime: forms.metrics?.uptime ?? forms.uptime ?? 0,
    messageCount: forms.metrics?.messageCount ?? forms.messageCount ?? 0,
    capabilities: forms.capabilities,
  }),
);
