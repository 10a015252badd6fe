import * as z from 'zod';
import { HOST_PATTERN } from '../outbound/outbound-policy.ts';
import { DesiredState } from '../sessions/schema.ts';
import { WorkerSettings } from '../sessions/settings.ts';
import { caseless, Slug } from '../text/slug.ts';
import { line, prose, text } from '../text/text.ts';

export const WORKER_STATUSES = ['ONLINE', 'OFFLINE', 'MAINTENANCE', 'DRAINING'] as const;
export const WorkerStatus = z.enum(WORKER_STATUSES).meta({ id: 'WorkerStatus' });
export type WorkerStatus = z.infer<typeof WorkerStatus>;
export const GivenWorkerStatus = caseless(WORKER_STATUSES).meta({ id: 'WorkerStatus' });
export const ENVIRONMENTS = ['DEVELOPMENT', 'STAGING', 'TESTING', 'PRODUCTION'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];
export const ShownEnvironment = z.enum(ENVIRONMENTS).meta({ id: 'Environment' });

export const WorkerParams = z.object({ workerId: Slug });

/**
 * Where the control plane reaches a worker: http(s), no credentials, no query. Parsed without a trailing
 * slash.
 */
export const Endpoint = text()
  .max(512)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
  }, 'use an http(s) URL such as http://10.0.0.5:8001')
  .transform((text) => text.replace(/\/+$/, ''))
  .meta({
    pattern: `^https?://${HOST_PATTERN}(/[A-Za-z0-9./-]*)?$`,
    examples: ['http://10.0.0.5:8001'],
  });

export const WorkerRegistration = z
  .object({
    workerId: Slug,
    endpoint: Endpoint,
    maxSessions: z.number().int().min(1).max(10_000),
    description: prose().max(500).optional(),
    status: GivenWorkerStatus.optional(),
    version: line().max(64),
    environment: caseless(ENVIRONMENTS).meta({ id: 'Environment' }),
    capabilities: z.array(z.string().max(64)).max(64).optional(),
    bootId: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Random per process: tells a new process from a repeated call.' }),
    bucket: z.string().max(63).optional().meta({
      description: 'The bucket in which the worker could show that it is alive while heartbeats fail.',
    }),
    protectsTask: z
      .boolean()
      .optional()
      .meta({ description: 'Its orchestrator may end it once it has no sessions, and not before.' }),
    timestamp: z.string().max(64).optional(),
  })
  .meta({ id: 'WorkerRegistration' });
export type WorkerRegistration = z.infer<typeof WorkerRegistration>;

/**
 * What the worker must make true of one session: `epoch` says whose it is, `rev` rises with every change of the
 * wish, `generation` is that of the lease for which it counts.
 */
export const Assignment = z
  .object({
    sessionId: z.string(),
    userId: z.string(),
    generation: z.number().int().optional(),
    epoch: z.number().int(),
    rev: z.number().int(),
    desired: DesiredState,
    authFloor: z
      .number()
      .int()
      .optional()
      .meta({ description: 'Credentials written under a lower epoch are void.' }),
    settings: WorkerSettings.optional().meta({ description: 'Absent: the defaults.' }),
  })
  .meta({ id: 'Assignment' });
export type Assignment = z.infer<typeof Assignment>;

/** `ttlMs` counts from the sending of the acknowledged heartbeat; `intervalMs` is when to send the next. */
export const Lease = z
  .object({
    ttlMs: z.number().int(),
    intervalMs: z.number().int(),
    generation: z.number().int(),
    overBucket: z
      .boolean()
      .optional()
      .meta({ description: 'Whether PUT workers/{id}/alive extends it too, while heartbeats fail.' }),
  })
  .meta({ id: 'Lease' });
export type Lease = z.infer<typeof Lease>;

export const RegistrationAnswer = z
  .object({
    workerId: z.string(),
    status: z.literal('registered'),
    assignedSessions: z.array(Assignment),
    assignedSessionCount: z.number().int(),
    recoveryRequired: z.boolean(),
    lease: Lease,
    message: z.string(),
  })
  .meta({ id: 'RegistrationAnswer' });
export type RegistrationAnswer = z.infer<typeof RegistrationAnswer>;

const count = z.number().int().min(0).catch(0).default(0);

export const SessionBreakdown = z
  .object({
    total: count,
    connected: count,
    disconnected: count,
    qr_required: count,
    reconnecting: count,
    error: count,
  })
  .meta({ id: 'SessionBreakdown' });
export type SessionBreakdown = z.infer<typeof SessionBreakdown>;

export const WorkerCommand = z.enum(['refresh_version', 'report_now', 'drain']).meta({ id: 'WorkerCommand' });
export type WorkerCommand = z.infer<typeof WorkerCommand>;

export const HeartbeatAnswer = z
  .object({
    workerId: z.string(),
    status: z.literal('acknowledged'),
    workerStatus: WorkerStatus,
    sessionCount: z.number().int(),
    sessionBreakdown: SessionBreakdown.extend({ maxSessions: z.number().int() }),
    lastHeartbeat: z.iso.datetime(),
    assignedSessions: z.array(Assignment),
    commands: z.array(WorkerCommand),
    lease: Lease,
  })
  .meta({ id: 'HeartbeatAnswer' });
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;
