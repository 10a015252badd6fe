import { pino } from 'pino';
import { ApiError } from '../../../shared/contract/api-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { Assignment, HeartbeatAnswer, RegistrationAnswer } from '../../../shared/workers/schema.ts';
import { ConvergeQueue } from '../../../worker/control-plane/converge-queue.ts';
import { Lease } from '../../../worker/control-plane/lease.ts';
import { joinControlPlane } from '../../../worker/control-plane/membership.ts';
import type { MembershipDeps } from '../../../worker/control-plane/membership-deps.ts';
import { Lifecycle } from '../../../worker/http/lifecycle.ts';
import { FakeRegistry } from '../http/fake-registry.ts';
import { FakeClock } from './fake-clock.ts';

export const LEASE = { ttlMs: 90_000, intervalMs: 10_000, generation: 1 };

export function refusal(status: number, code: ErrorCode): ApiError {
  return new ApiError({
    status,
    code,
    message: code,
    details: undefined,
    retryAfterS: Number.NaN,
    requestId: undefined,
  });
}

export function assignment(sessionId: string, epoch = 1): Assignment {
  return { sessionId, userId: 'ada', epoch, rev: 1, desired: 'connected' };
}

export function registered(assignedSessions: Assignment[] = [], generation = 1): RegistrationAnswer {
  return {
    workerId: 'worker-001',
    status: 'registered',
    assignedSessions,
    assignedSessionCount: assignedSessions.length,
    recoveryRequired: assignedSessions.length > 0,
    lease: { ...LEASE, generation },
    message: 'Worker registered successfully',
  };
}

export function acknowledged(change: Partial<HeartbeatAnswer> = {}): HeartbeatAnswer {
  return {
    workerId: 'worker-001',
    status: 'acknowledged',
    workerStatus: 'ONLINE',
    sessionCount: 0,
    sessionBreakdown: {
      total: 0,
      connected: 0,
      disconnected: 0,
      qr_required: 0,
      reconnecting: 0,
      error: 0,
      maxSessions: 10,
    },
    lastHeartbeat: '2026-01-01T00:00:00.000Z',
    assignedSessions: [],
    commands: [],
    lease: LEASE,
    ...change,
  };
}

/** A control plane that answers from a script: each entry is an answer, or an error to throw. */
class Script<T> {
  readonly requests: unknown[] = [];
  readonly #answers: (T | Error)[] = [];
  readonly #otherwise: () => T;
  #waiting: (() => void)[] = [];

  constructor(otherwise: () => T) {
    this.#otherwise = otherwise;
  }

  next(...answers: (T | Error)[]): void {
    this.#answers.push(...answers);
  }

  /** Resolves once this many calls were made. */
  async calls(count: number): Promise<void> {
    while (this.requests.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  readonly call = async (request: unknown) => {
    this.requests.push(request);
    for (const resolve of this.#waiting.splice(0)) resolve();
    const answer = this.#answers.shift() ?? this.#otherwise();
    if (answer instanceof Error) throw answer;
    return { status: 200, data: answer, headers: new Headers() };
  };
}

export function createMembership(change: Partial<MembershipDeps> = {}) {
  const clock = new FakeClock();
  const registry = new FakeRegistry();
  const logger = pino({ level: 'silent' });
  const register = new Script(() => registered());
  const heartbeat = new Script(() => acknowledged());
  const recovery = new Script(() => ({ recovered: 0, failed: 0, skipped: 0 }));
  const lease = new Lease(clock);
  const lifecycle = new Lifecycle();
  const join = () =>
    joinControlPlane({
      client: {
        registerWorker: register.call,
        heartbeatWorker: heartbeat.call,
        reportRecovery: recovery.call,
      },
      registry,
      queue: new ConvergeQueue(registry, logger),
      lease,
      lifecycle,
      identity: {
        workerId: 'worker-001',
        endpoint: 'http://127.0.0.1:8001',
        version: '1.0.0',
        environment: 'TESTING',
        capabilities: ['text'],
      },
      readLoad: () => ({ cpuUsage: 1, memoryUsage: 2 }),
      clock,
      logger,
      random: () => 1,
      onBroken: () => {},
      ...change,
    });
  return { clock, registry, register, heartbeat, recovery, lease, lifecycle, join };
}
