import { randomBytes } from 'node:crypto';
import { credentialsOfEnvironment } from '../../shared/aws/env.ts';
import { readPlaceEnv } from '../lambda/env.ts';
import { createSecretsClient } from '../lambda/read-secret.ts';
import { type RotationEvent, rotateToken } from './rotate-token.ts';
import { createSecretVersions } from './secret-versions.ts';

const client = createSecretsClient({ ...readPlaceEnv(), credentials: credentialsOfEnvironment });
const versions = createSecretVersions(client);
const newToken = () => randomBytes(48).toString('base64url');

/** The function that Secrets Manager calls, once per step. */
export const handler = (event: RotationEvent): Promise<void> => rotateToken(event, versions, newToken);
