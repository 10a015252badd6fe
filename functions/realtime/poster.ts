import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { type AwsPlace, clientSettings } from '../../shared/aws/client-settings.ts';
import type { Credentials } from '../../shared/aws/env.ts';
import type { FunctionsEnv } from '../env.ts';

/** Sends frames through API Gateway's @connections interface, or the local runtime's. */
export interface Poster {
  /** `gone` where the client has disconnected. */
  post(connectionId: string, frame: string): Promise<'posted' | 'gone'>;
  close(connectionId: string): Promise<void>;
}

const ATTEMPTS = 2;
const TIMEOUT_MS = 2_000;

/** @param place with the endpoint of the WebSocket API's stage */
export function createPoster(place: AwsPlace & { endpoint: string }): Poster {
  const limits = { attempts: ATTEMPTS, timeoutMs: TIMEOUT_MS };
  const client = new ApiGatewayManagementApiClient(clientSettings(place, limits));

  /** Tells whether the client was still connected. */
  async function reach(request: Promise<unknown>): Promise<boolean> {
    try {
      await request;
      return true;
    } catch (error) {
      if (error instanceof GoneException) return false;
      throw error;
    }
  }

  return {
    async post(ConnectionId, frame) {
      const request = new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(frame) });
      return (await reach(client.send(request))) ? 'posted' : 'gone';
    },
    async close(ConnectionId) {
      await reach(client.send(new DeleteConnectionCommand({ ConnectionId })));
    },
  };
}

interface PushContext {
  env: Pick<FunctionsEnv, 'WEBSOCKET_CALLBACK_URL' | 'AWS_REGION'>;
  credentials: () => Promise<Credentials>;
}

/** Opens the poster for a function that may push. */
export function withPush({ env, credentials }: PushContext): { poster: Poster } {
  const { WEBSOCKET_CALLBACK_URL: endpoint, AWS_REGION: region } = env;
  return { poster: createPoster({ endpoint, region, credentials }) };
}
