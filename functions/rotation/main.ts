import { randomBytes } from 'node:crypto';
import { credentialsOfEnvironment } from '../../shared/aws/env.ts';
import { readRotationEnv } from './env.ts';
import { type RotationEvent, rotateToken } from './rotate-token.ts';
import { createSecretVersions } from './secret-versions.ts';

const versions = createSecretVersions({ ...readRotationEnv(), credentials: credentialsOfEnvironment });
const newToken = () => randomBytes(48).toString('base64url');

/** The function that Secrets Manager calls, once per step. */
export const handler = (event: RotationEvent): Promise<void> => rotateToken(event, versions, newToken);
