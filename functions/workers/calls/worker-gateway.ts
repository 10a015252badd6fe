import { type Client, createClient } from '../../../shared/contract/client.ts';
import { workerRoutes } from '../../../shared/workers/api/routes.ts';

export type WorkerClient = Client<typeof workerRoutes>;

/** Opens the worker API of one worker, for the length of one request. */
export type WorkerGateway = (worker: {
  endpoint: string;
  requestId: string;
  /** For an address that has not been shown to be a worker's: our token is not for everyone. */
  anonymous?: boolean;
  /** For answers that tenants are given as they are. Workers of the seeds' forms give others. */
  checkAnswers?: boolean;
}) => WorkerClient;

export interface WorkerGatewayOptions {
  workerTokens: () => readonly string[] | Promise<readonly string[]>;
  /** Reaches workers with private addresses by way of the relay. */
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
