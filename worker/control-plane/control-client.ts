import { type Client, createClient } from '../../shared/contract/client.ts';
import { callbackRoutes } from '../../shared/workers/reports/routes.ts';
import { workerControlRoutes } from '../../shared/workers/routes.ts';
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
