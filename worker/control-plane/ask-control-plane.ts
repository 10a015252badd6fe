import { ApiError } from '../../shared/contract/api-error.ts';
import type { RegistryDeps } from '../sessions/registry/registry-deps.ts';
import type { ControlClient } from './control-client.ts';

const RELEASE_TIMEOUT_MS = 5_000;
const ORDER_TIMEOUT_MS = 5_000;

/** What sessions tell and ask the control plane outside of heartbeats and reports: about who has them. */
export function askControlPlane(
  client: Pick<ControlClient, 'releaseSession' | 'getSessionOrder'>,
  workerId: string,
): Required<Pick<RegistryDeps, 'tellReleased' | 'askOrder'>> {
  return {
    async tellReleased(released) {
      const request = { params: { workerId }, body: released };
      try {
        await client.releaseSession(request, { timeoutMs: RELEASE_TIMEOUT_MS });
      } catch (thrown) {
        // It is not ours any more: that is all there was to tell.
        if (!(thrown instanceof ApiError) || thrown.code !== 'STALE_OWNER') throw thrown;
      }
    },
    async askOrder(sessionId) {
      const request = { params: { workerId, sessionId } };
      return (await client.getSessionOrder(request, { timeoutMs: ORDER_TIMEOUT_MS })).data;
    },
  };
}
