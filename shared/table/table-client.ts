import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isPassing } from '../aws/call-failure.ts';
import { type AwsPlace, clientSettings } from '../aws/client-settings.ts';
import { localCredentials } from '../aws/env.ts';
import { AppError } from '../errors/app-error.ts';

/** Four attempts of at most three seconds each end well before the gateway gives up on the caller. */
const ATTEMPTS = 4;
const TIMEOUT_MS = 3_000;
/** An emulator shares the machine, and often the process, with everything else that runs there. */
const EMULATOR_TIMEOUT_MS = 20_000;

/**
 * One per process: it keeps its connections.
 * @param place without credentials, an emulator is shown made-up ones
 */
export function createTableClient(place: AwsPlace): DynamoDBDocumentClient {
  const isEmulator = place.endpoint !== undefined;
  const { credentials = isEmulator ? localCredentials : undefined } = place;
  const limits = { attempts: ATTEMPTS, timeoutMs: isEmulator ? EMULATOR_TIMEOUT_MS : TIMEOUT_MS };
  const client = new DynamoDBClient(clientSettings({ ...place, credentials }, limits));
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  // Its own leaves the connections of the client within open.
  documents.destroy = () => client.destroy();
  return documents;
}

/** What retries could not mend, as the declared error; anything else as it is. */
export function toStorageFailure(thrown: unknown): unknown {
  if (!isPassing(thrown)) return thrown;
  return new AppError('STORAGE_UNAVAILABLE', 'The data store does not answer just now. Try again shortly.', {
    cause: thrown,
  });
}
