import { type BackOff, backOffMs } from '../../shared/retry/back-off.ts';
import type { RecoveryResult } from '../sessions/ports.ts';
import type { MembershipDeps } from './membership-deps.ts';

const RETRY: BackOff = { firstMs: 1000, longestMs: 10_000 };
/** It informs, it decides nothing: heartbeats carry the same truth. */
const ATTEMPTS = 5;
const MAX_ERROR_CHARS = 500;

function countBy(results: readonly RecoveryResult[]): Record<RecoveryResult['status'], number> {
  const counts = { recovered: 0, failed: 0, skipped: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}

/** Tells the control plane how the restoring went, session by session. */
export async function reportRecovery(
  deps: MembershipDeps,
  results: readonly RecoveryResult[],
  signal: AbortSignal,
): Promise<void> {
  deps.logger.info(countBy(results), 'sessions restored');
  const sessions = results.map(({ sessionId, status, error }) => ({
    sessionId,
    status,
    ...(error === undefined ? {} : { error: error.slice(0, MAX_ERROR_CHARS) }),
  }));
  for (let failures = 1; failures <= ATTEMPTS && !signal.aborted; failures += 1)
    try {
      const params = { workerId: deps.identity.workerId };
      await deps.client.reportRecovery({ params, body: { sessions } }, { signal });
      return;
    } catch (thrown) {
      deps.logger.warn({ err: thrown, failures }, 'the recovery report was not accepted');
      await deps.clock.wait(backOffMs(RETRY, failures - 1, deps.random), signal);
    }
}
