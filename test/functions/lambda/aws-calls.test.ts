import { InvokeCommand, LambdaClient, TooManyRequestsException } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  InternalServiceError,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { openRelay } from '../../../functions/lambda/invoke-relay.ts';
import { openSecrets } from '../../../functions/lambda/read-secret.ts';

const PLACE = { region: 'us-east-1' };
const lambda = mockClient(LambdaClient);
const secrets = mockClient(SecretsManagerClient);
afterEach(() => {
  lambda.reset();
  secrets.reset();
});

/** An answer's payload as the SDK hands it over. */
const payload = (text: string) =>
  Object.assign(Buffer.from(text), { transformToString: () => text }) as never;

describe('the relay, invoked', () => {
  it('is given the payload, and its answer is handed back', async () => {
    lambda.on(InvokeCommand).resolves({ Payload: payload('{"outcome":"answered"}') });
    expect(await openRelay('relay', PLACE)('{"url":"u"}', undefined)).toBe('{"outcome":"answered"}');
    const [call] = lambda.commandCalls(InvokeCommand);
    const { FunctionName, Payload } = call?.args[0].input ?? {};
    expect([FunctionName, String(Payload)]).toEqual(['relay', '{"url":"u"}']);
  });

  it.each(['Unhandled', 'Handled'])('that fails within (%s) is a failure, not an answer', async (kind) => {
    lambda.on(InvokeCommand).resolves({ FunctionError: kind, Payload: payload('{"errorMessage":"x"}') });
    await expect(openRelay('relay', PLACE)('{}', undefined)).rejects.toThrow('the relay failed');
  });

  it('is asked once only, since its worker may have been reached', async () => {
    const throttled = new TooManyRequestsException({ message: '', $metadata: { httpStatusCode: 429 } });
    lambda.on(InvokeCommand).rejects(throttled);
    await expect(openRelay('relay', PLACE)('{}', undefined)).rejects.toBe(throttled);
    const [client] = lambda.commandCalls(InvokeCommand).map(({ thisValue }) => thisValue as LambdaClient);
    expect(await client?.config.maxAttempts()).toBe(1);
  });
});

describe('a secret', () => {
  it('is read as its values, the one in use first, without those that are not there', async () => {
    const SecretString = JSON.stringify({ next: 'n', current: 'c', previous: '' });
    secrets.on(GetSecretValueCommand, { SecretId: 'arn' }).resolves({ SecretString });
    expect(await openSecrets(PLACE)('arn')).toEqual(['c', 'n']);
  });

  it.each(['not JSON: hunter2', '{"password":"hunter2"}'])(
    'that is none of ours is refused, and not quoted',
    async (SecretString) => {
      secrets.on(GetSecretValueCommand).resolves({ SecretString });
      const failure = await openSecrets(PLACE)('arn').catch((thrown: unknown) => thrown);
      expect(failure).toBeInstanceOf(Error);
      expect(String(failure)).not.toContain('hunter2');
    },
  );

  it('that cannot be read just now fails with Secrets Manager’s own error', async () => {
    const failure = new InternalServiceError({ message: '', $metadata: { httpStatusCode: 500 } });
    secrets.on(GetSecretValueCommand).rejects(failure);
    await expect(openSecrets(PLACE)('arn')).rejects.toBe(failure);
  });
});
