import { AwsFailure } from '../../shared/aws/aws-failure.ts';
import type { Credentials } from '../../shared/aws/create-signer.ts';
import { localCredentials } from '../../shared/aws/env.ts';
import { openService, type ServiceRequest } from '../../shared/aws/open-service.ts';

/** Sends frames through API Gateway's @connections interface, or the local runtime's. */
export interface Poster {
  /** `gone` where the client has disconnected. */
  post(connectionId: string, frame: string): Promise<'posted' | 'gone'>;
  close(connectionId: string): Promise<void>;
}

export interface PosterOptions {
  endpoint: string;
  region: string;
  /** The local runtime accepts any credentials, and is never shown real ones. */
  credentials?: () => Promise<Credentials>;
}

const ATTEMPTS = 2;
const TIMEOUT_MS = 2_000;
const GONE = 410;

export function createPoster({ endpoint, region, credentials = localCredentials }: PosterOptions): Poster {
  const service = openService({
    service: 'execute-api',
    region,
    endpoint,
    credentials,
    attempts: ATTEMPTS,
    attemptTimeoutMs: TIMEOUT_MS,
  });

  /** Tells whether the client was still connected. */
  async function reach(connectionId: string, request: Omit<ServiceRequest, 'path'>): Promise<boolean> {
    try {
      await service.send({ ...request, path: `/@connections/${encodeURIComponent(connectionId)}` });
      return true;
    } catch (error) {
      if (error instanceof AwsFailure && error.status === GONE) return false;
      throw error;
    }
  }

  return {
    post: async (connectionId, body) =>
      (await reach(connectionId, { method: 'POST', body })) ? 'posted' : 'gone',
    close: async (connectionId) => {
      await reach(connectionId, { method: 'DELETE' });
    },
  };
}
