import type { Logger } from 'pino';
import * as z from 'zod';
import { type BackOff, backOffMs } from '../../shared/retry/back-off.ts';
import type { Lifecycle } from '../http/lifecycle.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import type { Clock } from './clock.ts';

/** How often it is looked whether there are sessions. */
const LOOK_MS = 5000;
const EXPIRES_IN_MINUTES = 60;
/** Long before it ends: the agent may be away for a while. */
const RENEW_AFTER_MS = 20 * 60_000;
const ATTEMPT_TIMEOUT_MS = 4000;
const RETRY: BackOff = { firstMs: 1000, longestMs: 60_000 };

/** The agent's answer; a failure comes with status 200 as well. */
const Answer = z.object({ failure: z.object({ Reason: z.string() }).optional() });

export interface TaskProtectionDeps {
  /** `ECS_AGENT_URI`: http://169.254.170.2/api/… */
  agentUrl: string;
  registry: Pick<SessionRegistry, 'list'>;
  lifecycle: Pick<Lifecycle, 'stopping'>;
  clock: Clock;
  logger: Logger;
  random: () => number;
}

/** Keeps ECS from ending this task by a scale-in or a deployment while it has sessions. */
export interface TaskProtection {
  /** Takes it away for good: everything has been handed over. Never throws, and takes a few seconds at most. */
  end(): Promise<void>;
}

/** Elsewhere than on ECS there is nothing to protect. */
export const UNPROTECTED: TaskProtection = { end: async () => {} };

/** @throws Error where the agent refuses, or cannot be reached */
async function put(agentUrl: string, isProtected: boolean): Promise<void> {
  const response = await fetch(`${agentUrl}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ProtectionEnabled: isProtected,
      ...(isProtected ? { ExpiresInMinutes: EXPIRES_IN_MINUTES } : {}),
    }),
    signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the ECS agent answered ${response.status}: ${text.slice(0, 200)}`);
  const { failure } = Answer.parse(JSON.parse(text));
  if (failure !== undefined) throw new Error(`ECS did not change the protection: ${failure.Reason}`);
}

/**
 * Follows the sessions: protection is set with the first, renewed while there are any, and taken away with the
 * last: by the hand-over, when the supervisor has emptied this worker or the process stops.
 */
export function protectTask(deps: TaskProtectionDeps): TaskProtection {
  const { agentUrl, registry, lifecycle, clock, logger, random } = deps;
  const abort = new AbortController();
  /** Undefined: unknown, as at the start, and after a call that failed half-way. */
  let state: { isProtected: boolean; atMs: number } | undefined;

  async function set(isProtected: boolean): Promise<void> {
    state = undefined;
    await put(agentUrl, isProtected);
    state = { isProtected, atMs: clock.monotonicMs() };
    logger.info({ isProtected }, 'task protection');
  }

  function isDue(wanted: boolean): boolean {
    if (state?.isProtected !== wanted) return true;
    return wanted && clock.monotonicMs() - state.atMs >= RENEW_AFTER_MS;
  }

  async function run(): Promise<void> {
    for (let failures = 0; !abort.signal.aborted; ) {
      const wanted = registry.list().length > 0;
      try {
        // Whoever stops says by itself when it is done.
        if (isDue(wanted) && !lifecycle.stopping) await set(wanted);
        failures = 0;
      } catch (thrown) {
        failures += 1;
        logger.warn({ err: thrown, failures }, 'task protection could not be changed; trying again');
      }
      await clock.wait(failures === 0 ? LOOK_MS : backOffMs(RETRY, failures - 1, random), abort.signal);
    }
  }
  const done = run();

  return {
    async end() {
      abort.abort();
      await done;
      if (state?.isProtected === false) return;
      try {
        await set(false);
      } catch (thrown) {
        logger.warn({ err: thrown }, 'task protection could not be taken away; it ends by itself');
      }
    },
  };
}
