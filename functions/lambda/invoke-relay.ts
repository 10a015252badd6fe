import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type AwsPlace, clientSettings } from '../../shared/aws/client-settings.ts';
import type { RelayFetchOptions } from '../workers/relay/relay-fetch.ts';

/** The relay answers within 26 s, and API Gateway gives up after 30 s. */
const TIMEOUT_MS = 27_000;

/**
 * Invokes the relay once: after a failure nobody knows whether the call has reached its worker.
 * @throws the SDK's error; Error where the relay itself failed
 */
export function openRelay(FunctionName: string, place: AwsPlace): RelayFetchOptions['invoke'] {
  const client = new LambdaClient(clientSettings(place, { attempts: 1, timeoutMs: TIMEOUT_MS }));
  return async (payload, signal) => {
    const request = new InvokeCommand({ FunctionName, Payload: Buffer.from(payload) });
    const options = signal === undefined ? {} : { abortSignal: signal };
    const { FunctionError, Payload } = await client.send(request, options);
    if (FunctionError !== undefined || Payload === undefined) throw new Error('the relay failed');
    return Payload.transformToString();
  };
}
