import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface DocumentClientOptions {
  region: string;
  /** Of an emulator; AWS's own where absent. */
  endpoint?: string | undefined;
}

const MAX_ATTEMPTS = 4;
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 3_000 };
/** An emulator shares the machine, and often the process, with everything else that runs there. */
const EMULATOR_TIMEOUTS = { connectionTimeout: 20_000, requestTimeout: 20_000 };
const MAX_SOCKETS = 64;

/** Four attempts of at most three seconds each end well before the gateway gives up on the caller. */
export function createDocumentClient(options: DocumentClientOptions): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region: options.region,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'adaptive',
    requestHandler: {
      ...(options.endpoint === undefined ? TIMEOUTS : EMULATOR_TIMEOUTS),
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
    // Emulators take any credentials, and must never be shown real ones.
    ...(options.endpoint === undefined
      ? {}
      : { endpoint: options.endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
