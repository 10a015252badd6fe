import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretVersions } from './rotate-token.ts';

/** The versions of secrets in Secrets Manager. */
export function createSecretVersions(client: SecretsManagerClient): SecretVersions {
  return {
    async labels(SecretId) {
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
      return VersionIdsToStages ?? {};
    },
    async read(SecretId, VersionStage) {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId, VersionStage }));
      if (SecretString === undefined) throw new Error(`the secret’s ${VersionStage} is not text`);
      return SecretString;
    },
    async write(SecretId, ClientRequestToken, SecretString) {
      const VersionStages = ['AWSPENDING'];
      const version = { SecretId, ClientRequestToken, SecretString, VersionStages };
      await client.send(new PutSecretValueCommand(version));
    },
    async makeCurrent(SecretId, MoveToVersionId, RemoveFromVersionId) {
      const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId };
      const from = RemoveFromVersionId === undefined ? {} : { RemoveFromVersionId };
      await client.send(new UpdateSecretVersionStageCommand({ ...move, ...from }));
    },
  };
}
