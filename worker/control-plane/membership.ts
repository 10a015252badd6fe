import { randomUUID } from 'node:crypto';
import { runHeartbeats } from './heartbeat-loop.ts';
import type { MembershipDeps } from './membership-deps.ts';
import { registerWorker } from './register-worker.ts';
import { reportRecovery } from './report-recovery.ts';

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
