import type { Emulator } from './env.ts';

/** AWS's JSON protocol, unsigned: emulators look at the scope only. Spares an SDK client per service. */
export async function callJson(
  { url, region }: Emulator,
  service: string,
  target: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': `application/x-amz-json-${service === 'dynamodb' ? '1.0' : '1.1'}`,
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== 'object' || answer === null)
    throw new Error(`${target} answered ${response.status}: ${JSON.stringify(answer).slice(0, 300)}`);
  return { ...answer };
}
