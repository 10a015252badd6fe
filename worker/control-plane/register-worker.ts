import type * as z from 'zod';
import { ApiError } from '../../shared/contract/api-error.ts';
import { type BackOff, backOffMs } from '../../shared/retry/back-off.ts';
import type { RegistrationAnswer, WorkerRegistration } from '../../shared/workers/schema.ts';
import type { MembershipDeps } from './membership-deps.ts';

const RETRY: BackOff = { firstMs: 500, longestMs: 30_000 };
const ATTEMPT_TIMEOUT_MS = 10_000;

type Registration = z.input<typeof WorkerRegistration>;

function describe({ identity, lifecycle, registry, bucket }: MembershipDeps, bootId: string): Registration {
  return {
    workerId: identity.workerId,
    endpoint: identity.endpoint,
    maxSessions: registry.maxSessions,
    status: lifecycle.status,
    version: identity.version,
    environment: identity.environment,
    capabilities: [...identity.capabilities],
    bootId,
    bucket: bucket?.name,
    protectsTask: identity.protectsTask,
    timestamp: new Date().toISOString(),
  };
}

/**
 * Registers, again and again: a control plane that is down is waited for, never a reason to end. The lease
 * counts from the sending of the call that was answered. `past`: this boot id was registered, and fenced before its
 * answer came: another one is due. Undefined once the signal is aborted.
 */
export async function registerWorker(
  deps: MembershipDeps,
  bootId: string,
  signal: AbortSignal,
): Promise<RegistrationAnswer | 'past' | undefined> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    const sentAt = deps.lease.stamp();
    try {
      const { data } = await deps.client.registerWorker(
        { body: describe(deps, bootId) },
        { timeoutMs: ATTEMPT_TIMEOUT_MS, signal },
      );
      deps.lease.grant(sentAt, data.lease.ttlMs, data.lease.generation);
      deps.logger.info(
        { workerId: data.workerId, assigned: data.assignedSessionCount, generation: data.lease.generation },
        'registered with the control plane',
      );
      return data;
    } catch (thrown) {
      if (signal.aborted) break;
      if (thrown instanceof ApiError && thrown.code === 'FENCED') return 'past';
      const retryInMs = backOffMs(RETRY, failures - 1, deps.random);
      const refused = thrown instanceof ApiError && thrown.status < 500;
      // A refusal (a wrong token, an id that is taken) needs a person; an outage passes by itself.
      const level = refused ? 'error' : 'warn';
      deps.logger[level]({ err: thrown, failures, retryInMs }, 'registration failed; trying again');
      await deps.clock.wait(retryInMs, signal);
    }
  }
  return undefined;
}
