import { type Client, createClient } from '../../../shared/contract/client.ts';
import { workerRoutes } from '../../../shared/workers/api/routes.ts';

export type WorkerClient = Client<typeof workerRoutes>;

/** Opens one worker's API, for one request. */
export type WorkerGateway = (worker: {
  endpoint: string;
  requestId: string;
  /** Sends no token: the address has not been shown to be a worker's. */
  anonymous?: boolean;
  /** For answers that are passed on to tenants; other workers may answer in other forms, which is refused. */
  checkAnswers?: boolean;
}) => WorkerClient;

export interface WorkerGatewayOptions {
  workerTokens: () => readonly string[] | Promise<readonly string[]>;
  /** Reaches workers with private addresses through the relay. */
  fetch?: typeof fetch;
}

export function createWorkerGateway({ workerTokens, fetch }: WorkerGatewayOptions): WorkerGateway {
  return ({ endpoint, requestId, anonymous = false, checkAnswers = false }) =>
    createClient(workerRoutes, {
      baseUrl: endpoint,
      token: async () => (anonymous ? undefined : (await workerTokens())[0]),
      headers: { 'x-request-id': requestId },
      checkAnswers,
      ...(fetch === undefined ? {} : { fetch }),
    });
}
