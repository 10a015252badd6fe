import type { FunctionName } from '../stages.ts';
import { RIGHTS } from './rights.ts';

/**
 * A secret that the function has no right to: a value made up at start that nobody else knows, so that
 * whatever it would verify is refused.
 */
const UNKNOWN_SECRET = "[randomBytes(48).toString('base64url')]";

const read = (allowed: boolean, variable: string) =>
  allowed ? `await readTokens(process.env.${variable})` : UNKNOWN_SECRET;

const RELAY = `
import { createRelayFetch } from './functions/relay/relay-fetch.ts';
import { createWorkerGateway } from './functions/workers/worker-gateway.ts';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
const relayClient = new LambdaClient({ maxAttempts: 1 });
const invoke = async (payload, abortSignal) => {
  const { Payload } = await relayClient.send(
    new InvokeCommand({ FunctionName: process.env.RELAY_FUNCTION_NAME, Payload: payload }), { abortSignal });
  return Buffer.from(Payload ?? []).toString('utf8');
};
const replaced = (workerTokens) => process.env.RELAY_FUNCTION_NAME === undefined ? {} :
  { workers: createWorkerGateway({ workerTokens, fetch: createRelayFetch({ invoke }) }) };
`;
const NO_RELAY = 'const replaced = () => ({});\n';

/**
 * What an entry does on Lambda before its deps are made: the secrets it has a right to come from Secrets
 * Manager, once per cold start, into the variables of the functions' own environment; workers with private
 * addresses are called through the relay. Functions and local runtime know nothing of either.
 */
export function surroundingsPreamble(name: FunctionName): string {
  const { secrets, callsWorkers } = RIGHTS[name];
  return `
import { randomBytes } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
const secretsClient = new SecretsManagerClient({});
const readTokens = async (SecretId) => {
  const { SecretString = '{}' } = await secretsClient.send(new GetSecretValueCommand({ SecretId }));
  const { current = '', next = '', previous = '' } = JSON.parse(SecretString);
  return [current, next, previous].filter((token) => token !== '');
};
const jwtSecrets = ${read(secrets.includes('jwt'), 'JWT_SECRET_ARN')};
const workerTokens = ${read(secrets.includes('workerTokens'), 'WORKER_TOKENS_SECRET_ARN')};
process.env.JWT_SECRETS = jwtSecrets.join(',');
process.env.WORKER_AUTH_TOKENS = workerTokens.join(',');
${callsWorkers === true ? RELAY : NO_RELAY}
const surroundings = async () => replaced(() => workerTokens);
`;
}
