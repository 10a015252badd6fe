import { ApiError } from '../../shared/contract/api-error.ts';
import { type BackOff, backOffMs } from '../../shared/retry/back-off.ts';
import type { HeartbeatAnswer, RegistrationAnswer } from '../../shared/workers/schema.ts';
import { extendLease, isOutage } from './extend-lease.ts';
import type { MembershipDeps } from './membership-deps.ts';

/** Why the heartbeats of one registration ended. */
export type HeartbeatEnd = 'fenced' | 'lease-over' | 'stopped';

const RETRY: BackOff = { firstMs: 500, longestMs: 5000 };
const ATTEMPT_TIMEOUT_MS = 8000;
/** After `report_now`; a control plane that keeps asking must not make us spin. */
const REPORT_NOW_MS = 250;

type Beat =
  | { kind: 'acknowledged'; answer: HeartbeatAnswer }
  | { kind: 'fenced' | 'unreachable' | 'refused' };

/** FENCED: others may own our sessions. NOT_FOUND: the control plane has forgotten us, which comes to the same. */
const isFencing = (thrown: unknown) =>
  thrown instanceof ApiError && (thrown.code === 'FENCED' || thrown.code === 'NOT_FOUND');

async function beat(
  deps: MembershipDeps,
  registration: { bootId: string; generation: number },
  signal: AbortSignal,
): Promise<Beat> {
  const { identity, lifecycle, registry, lease } = deps;
  const sentAt = lease.stamp();
  const sessions = registry.list();
  const body = {
    status: lifecycle.status,
    bootId: registration.bootId,
    generation: registration.generation,
    sessions,
    metrics: { sessionCount: sessions.length, ...deps.readLoad(), uptime: Math.round(process.uptime()) },
    capabilities: [...identity.capabilities],
    timestamp: new Date().toISOString(),
  };
  // Never longer than the lease: its end must be noticed even while an answer is awaited.
  const timeoutMs = Math.max(1, Math.min(ATTEMPT_TIMEOUT_MS, Math.floor(lease.remainingMs())));
  try {
    const params = { workerId: identity.workerId };
    const { data } = await deps.client.heartbeatWorker({ params, body }, { timeoutMs, signal });
    lease.grant(sentAt, data.lease.ttlMs, data.lease.generation);
    return { kind: 'acknowledged', answer: data };
  } catch (thrown) {
    if (isFencing(thrown)) return { kind: 'fenced' };
    if (!signal.aborted)
      deps.logger.warn({ err: thrown, leaseLeftMs: Math.round(lease.remainingMs()) }, 'a heartbeat failed');
    return { kind: isOutage(thrown) ? 'unreachable' : 'refused' };
  }
}

/** Makes an answer true; answers when the next heartbeat is due, in milliseconds. */
function takeAnswer(deps: MembershipDeps, answer: HeartbeatAnswer): number {
  const { lifecycle, queue, logger } = deps;
  // While stopping, sessions are being handed over: nothing is opened again.
  if (!lifecycle.stopping) queue.offer(answer.assignedSessions);
  if (answer.commands.includes('drain')) {
    if (lifecycle.ready) logger.info('draining: the control plane moves our sessions to other workers');
    lifecycle.drain();
  } else if (answer.workerStatus === 'ONLINE') lifecycle.resume();
  if (answer.commands.includes('refresh_version')) deps.onRefreshVersion?.();
  return answer.commands.includes('report_now') ? REPORT_NOW_MS : answer.lease.intervalMs;
}

/** Sends heartbeats at the pace the control plane asks for, until the lease is lost or the signal aborted. */
export async function runHeartbeats(
  deps: MembershipDeps,
  registration: { bootId: string; answer: RegistrationAnswer },
  signal: AbortSignal,
): Promise<HeartbeatEnd> {
  const { clock, lease, random } = deps;
  const { bootId } = registration;
  let terms = registration.answer.lease;
  let waitMs = 0;
  for (let failures = 0; ; ) {
    await clock.wait(Math.min(waitMs, lease.remainingMs()), signal);
    if (signal.aborted) return 'stopped';
    if (!lease.isHeld()) return 'lease-over';
    const result = await beat(deps, { bootId, generation: terms.generation }, signal);
    if (result.kind === 'fenced') return 'fenced';
    if (result.kind === 'acknowledged') {
      failures = 0;
      terms = result.answer.lease;
      waitMs = takeAnswer(deps, result.answer);
    } else {
      failures += 1;
      if (result.kind === 'unreachable' && terms.overBucket === true)
        await extendLease(deps, { bootId, terms }, signal);
      waitMs = backOffMs(RETRY, failures - 1, random);
    }
  }
}
