import { ApiError } from '../../shared/contract/api-error.ts';
import { type Alive, aliveKey } from '../../shared/workers/alive.ts';
import type { Lease } from '../../shared/workers/schema.ts';
import type { MembershipDeps } from './membership-deps.ts';

const ATTEMPT_TIMEOUT_MS = 5000;
const TOO_MANY_REQUESTS = 429;

/**
 * Whether the control plane could not be reached or could not answer. One that answers and refuses us is none of
 * that: whoever it refuses must let go when the lease ends.
 */
export const isOutage = (thrown: unknown) =>
  !(thrown instanceof ApiError) || thrown.status >= 500 || thrown.status === TOO_MANY_REQUESTS;

/**
 * While heartbeats fail: shows the supervisor, by a write into the bucket that it reads before fencing, that we
 * are alive. The lease then counts from the sending of that write, if it was acknowledged before the lease was
 * over; a write that fails changes nothing. At most one each heartbeat interval.
 */
export async function extendLease(
  { bucket, lease, identity, logger }: Pick<MembershipDeps, 'bucket' | 'lease' | 'identity' | 'logger'>,
  { bootId, terms }: { bootId: string; terms: Lease },
  signal: AbortSignal,
): Promise<void> {
  const { ttlMs, intervalMs, generation } = terms;
  if (bucket === undefined || lease.remainingMs() > ttlMs - intervalMs) return;
  const sentAt = lease.stamp();
  const timeoutMs = Math.max(1, Math.min(ATTEMPT_TIMEOUT_MS, Math.floor(lease.remainingMs())));
  try {
    const body = Buffer.from(JSON.stringify({ bootId, generation } satisfies Alive));
    await bucket.store.put(aliveKey(identity.workerId), body, {
      contentType: 'application/json',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (lease.extend(sentAt, ttlMs)) logger.warn('the lease is extended over the bucket');
  } catch (thrown) {
    if (!signal.aborted) logger.warn({ err: thrown }, 'the lease could not be extended over the bucket');
  }
}
