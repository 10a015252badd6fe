import { type AwsPlace, openService } from '../../shared/aws/open-service.ts';
import type { RelayFetchOptions } from '../workers/relay/relay-fetch.ts';

/** The relay answers within 26 s, and API Gateway gives up after 30 s. */
const TIMEOUT_MS = 27_000;

/**
 * Invokes the relay once: after a failure nobody knows whether the call has reached its worker.
 * @throws AwsFailure; Error where the relay itself failed
 */
export function createRelayInvoke(
  name: string,
  { region, credentials, endpoint }: AwsPlace,
): RelayFetchOptions['invoke'] {
  const service = openService({
    service: 'lambda',
    region,
    endpoint: endpoint ?? `https://lambda.${region}.amazonaws.com`,
    credentials,
    attempts: 1,
    attemptTimeoutMs: TIMEOUT_MS,
  });
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  return async (payload, signal) => {
    const { headers, text } = await service.send({ method: 'POST', path, body: payload, signal });
    if (headers['x-amz-function-error'] !== undefined) throw new Error('the relay failed');
    return text;
  };
}
