import type { Service } from './open-service.ts';

export interface JsonProtocol {
  /** `DynamoDB_20120810`, `AmazonSQS`, `secretsmanager`. */
  target: string;
  version: '1.0' | '1.1';
}

/**
 * One action of a service that speaks AWS's JSON protocol; answers the parsed body.
 * @throws AwsFailure
 */
export async function callAction(
  service: Service,
  { target, version }: JsonProtocol,
  action: string,
  input: object,
): Promise<unknown> {
  const { text } = await service.send({
    method: 'POST',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${action}` },
    body: JSON.stringify(input),
  });
  return text === '' ? {} : JSON.parse(text);
}
