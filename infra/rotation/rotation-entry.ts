/** The entry of the rotation function, as text. */
export const ROTATION_ENTRY = `
import { randomBytes } from 'node:crypto';
import { DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient,
  UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { rotateToken } from './infra/rotation/rotate-token.ts';
const client = new SecretsManagerClient({});
const versions = {
  labels: async (SecretId) => (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {},
  read: async (SecretId, VersionStage) =>
    (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString ?? '',
  write: async (SecretId, ClientRequestToken, SecretString) => {
    await client.send(new PutSecretValueCommand(
      { SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }));
  },
  makeCurrent: async (SecretId, MoveToVersionId, RemoveFromVersionId) => {
    await client.send(new UpdateSecretVersionStageCommand(
      { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId, RemoveFromVersionId }));
  },
};
export const handler = (event) => rotateToken(event, versions, () => randomBytes(48).toString('base64url'));
`;
