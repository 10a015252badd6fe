import * as z from 'zod';
import type { AwsPlace } from '../../shared/aws/open-service.ts';
import { openSecretsManager } from '../lambda/read-secret.ts';
import type { SecretVersions } from './rotate-token.ts';

const Described = z.object({ VersionIdsToStages: z.record(z.string(), z.array(z.string())).default({}) });
const Value = z.object({ SecretString: z.string() });

/** The versions of secrets in Secrets Manager. */
export function createSecretVersions(place: AwsPlace): SecretVersions {
  const call = openSecretsManager(place);
  return {
    labels: async (SecretId) =>
      Described.parse(await call('DescribeSecret', { SecretId })).VersionIdsToStages,
    read: async (SecretId, VersionStage) =>
      Value.parse(await call('GetSecretValue', { SecretId, VersionStage })).SecretString,
    write: async (SecretId, ClientRequestToken, SecretString) => {
      const VersionStages = ['AWSPENDING'];
      await call('PutSecretValue', { SecretId, ClientRequestToken, SecretString, VersionStages });
    },
    makeCurrent: async (SecretId, MoveToVersionId, RemoveFromVersionId) => {
      const VersionStage = 'AWSCURRENT';
      await call('UpdateSecretVersionStage', {
        SecretId,
        VersionStage,
        MoveToVersionId,
        RemoveFromVersionId,
      });
    },
  };
}
