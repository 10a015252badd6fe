import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { ApiError } from '../../shared/contract/api-error.ts';
import type { Lifecycle } from '../http/lifecycle.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import type { ControlClient } from './control-client.ts';
import type { Membership } from './membership.ts';
import type { TaskProtection } from './task-protection.ts';

export interface StopDeps {
  server: Pick<Server, 'close' | 'closeIdleConnections'>;
  lifecycle: Lifecycle;
  registry: Pick<SessionRegistry, 'shutdown'>;
  protection: TaskProtection;
  /** Undefined in stand-alone mode. */
  controlPlane:
    | {
        client: Pick<ControlClient, 'releaseSession' | 'unregisterSelf'>;
        membership: Membership;
        workerId: string;
      }
    | undefined;
  logger: Logger;
}

const RELEASE_TIMEOUT_MS = 3000;
const UNREGISTER_TIMEOUT_MS = 3000;

function createRelease({ controlPlane, logger }: StopDeps) {
  return async (released: {
    sessionId: string;
    epoch: number;
    phoneNumber: string | null;
  }): Promise<void> => {
    if (controlPlane === undefined) return;
    const { client, workerId } = controlPlane;
    try {
      const request = { params: { workerId }, body: released };
      await client.releaseSession(request, { timeoutMs: RELEASE_TIMEOUT_MS });
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === 'STALE_OWNER') return;
      // Unregistering says the same for all that is left; failing that, the lease runs out.
      logger.warn({ err: thrown, sessionId: released.sessionId }, 'a session was closed but could not be released');
    }
  };
}

async function unregister({ controlPlane, logger }: StopDeps): Promise<void> {
  if (controlPlane === undefined) return;
  const { client, membership, workerId } = controlPlane;
  const { bootId } = membership;
  // Heartbeats go on until here: the lease is needed while sessions are flushed.
  await membership.stop();
  try {
    const { data } = await client.unregisterSelf(
      { body: { workerId, ...(bootId === undefined ? {} : { bootId }) } },
      { timeoutMs: UNREGISTER_TIMEOUT_MS },
    );
    logger.info({ migrated: data.migrated, pending: data.pending }, 'unregistered');
  } catch (thrown) {
    logger.warn({ err: thrown }, 'could not unregister; the control plane will notice by itself');
  }
}

/**
 * Leaves cleanly: takes no more sessions, hands those it has over one by one and answers for each until it has moved,
 * unregisters, stops listening, lets ECS end the task. Takes as long as that takes: the caller sets the bound.
 */
export async function stopWorker(deps: StopDeps): Promise<void> {
  const { server, lifecycle, registry, logger } = deps;
  lifecycle.stop();
  try {
    await registry.shutdown(createRelease(deps));
  } catch (thrown) {
    logger.error({ err: thrown }, 'not every session could be closed cleanly');
  }
  await unregister(deps);
  server.close();
  server.closeIdleConnections();
  await deps.protection.end();
}
