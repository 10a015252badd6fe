import { ApiError } from '../../shared/contract/api-error.ts';
import { type Client, createClient } from '../../shared/contract/client.ts';
import { callbackRoutes } from '../../shared/workers/reports/routes.ts';
import { workerControlRoutes } from '../../shared/workers/routes.ts';
import type { RegistryDeps } from '../sessions/registry/registry-deps.ts';
import { createKeepAliveFetch } from './keep-alive-fetch.ts';

/** What a worker calls of the control plane's API. */
const routes = [...workerControlRoutes, ...callbackRoutes] as const;
export type ControlClient = Client<typeof routes>;

export function createControlClient(options: { baseUrl: string; token: string }): {
  client: ControlClient;
  close(): void;
} {
  const { fetch, close } = createKeepAliveFetch();
  const client = createClient(routes, { baseUrl: options.baseUrl, token: () => options.token, fetch });
  return { client, close };
}

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
