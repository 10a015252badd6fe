import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsPlace, clientSettings } from '../../shared/aws/client-settings.ts';

const ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;

/** One per process: it keeps its connections. */
export const createSecretsClient = (place: AwsPlace): SecretsManagerClient =>
  new SecretsManagerClient(clientSettings(place, { attempts: ATTEMPTS, timeoutMs: TIMEOUT_MS }));
