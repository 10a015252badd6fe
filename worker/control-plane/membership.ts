import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Environment, RegistrationAnswer } from '../../shared/workers/schema.ts';
import type { Lifecycle } from '../http/lifecycle.ts';
import type { Load } from '../http/load-meter.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import type { Clock } from './clock.ts';
import type { ControlClient } from './control-client.ts';
import type { ConvergeQueue } from './converge-queue.ts';
import type { LeaseBucket } from './extend-lease.ts';
import { runHeartbeats } from './heartbeat-loop.ts';
import type { Lease } from './lease.ts';
import { registerWorker } from './register-worker.ts';
import { reportRecovery } from './report-recovery.ts';

export interface MembershipDeps {
  client: Pick<ControlClient, 'registerWorker' | 'heartbeatWorker' | 'reportRecovery'>;
  registry: Pick<SessionRegistry, 'maxSessions' | 'list' | 'fence'>;
  queue: ConvergeQueue;
  lease: Lease;
  /** Where the lease is extended while heartbeats fail; undefined: nowhere. */
  bucket?: LeaseBucket | undefined;
  lifecycle: Lifecycle;
  identity: {
    workerId: string;
    endpoint: string;
    version: string;
    environment: Environment;
    capabilities: readonly string[];
    /** ECS ends this task only once it is empty. */
    protectsTask?: boolean;
  };
  readLoad: () => Load;
  clock: Clock;
  logger: Logger;
  random: () => number;
  newBootId?: () => string;
  /** Nothing would ever renew the lease again: the process should end and be started anew. */
  onBroken: () => void;
  onRegistered?: (answer: RegistrationAnswer) => void;
  onRefreshVersion?: () => void;
}

/** A worker's place in the control plane, kept until `stop`. */
export interface Membership {
  /** Of the registration that holds, or held last. */
  readonly bootId: string | undefined;
  /** Ends registration and heartbeats; the lease runs out by itself. */
  stop(): Promise<void>;
}

/**
 * Registers, keeps the lease by heartbeats, and starts over whenever it is lost: sockets closed first, then
 * under a new boot id, by which the control plane knows that what ran before is gone and gives out new epochs.
 */
async function run(
  deps: MembershipDeps,
  signal: AbortSignal,
  onBoot: (bootId: string) => void,
): Promise<void> {
  const { newBootId = randomUUID } = deps;
  while (!signal.aborted) {
    const bootId = newBootId();
    onBoot(bootId);
    const answer = await registerWorker(deps, bootId, signal);
    if (answer === undefined) return;
    if (answer === 'past') continue;
    deps.onRegistered?.(answer);
    const { assignedSessions, assignedSessionCount } = answer;
    if (assignedSessionCount > 0) deps.logger.info({ count: assignedSessionCount }, 'restoring sessions');
    deps.queue.offer(assignedSessions, (results) => {
      if (results.length > 0) void reportRecovery(deps, results, signal);
    });
    const end = await runHeartbeats(deps, { bootId, answer }, signal);
    if (end === 'stopped') return;
    deps.lease.end();
    deps.queue.clear();
    deps.logger.error({ reason: end }, 'the lease is lost: closing every socket and registering anew');
    await deps.registry.fence();
  }
}

export function joinControlPlane(deps: MembershipDeps): Membership {
  const abort = new AbortController();
  let boot: string | undefined;
  const onBoot = (bootId: string) => {
    boot = bootId;
  };
  const done = run(deps, abort.signal, onBoot).catch((thrown: unknown) => {
    deps.logger.fatal({ err: thrown }, 'membership ended unexpectedly');
    deps.onBroken();
  });
  return {
    get bootId() {
      return boot;
    },
    stop: async () => {
      abort.abort();
      await done;
    },
  };
}
