import { callJson } from './emulator-client.ts';
import type { Emulator } from './env.ts';

const PREFIX = 'whatsapp-gateway-dev';

/** The names of ours in a list of strings or of objects with a name. */
function ours(list: unknown, nameKey?: string): string[] {
  if (!Array.isArray(list)) return [];
  return list
    .map((each: unknown) => (nameKey === undefined ? each : Reflect.get(Object(each), nameKey)))
    .filter((name): name is string => typeof name === 'string' && name.includes(PREFIX));
}

async function buckets({ url, region }: Emulator): Promise<string[]> {
  const response = await fetch(url, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=none`,
    },
  });
  const names = [...(await response.text()).matchAll(/<Name>([^<]+)<\/Name>/g)].map(([, name]) => name);
  return ours(names);
}

async function functions({ url }: Emulator): Promise<string[]> {
  const response = await fetch(`${url}/2015-03-31/functions/`);
  const { Functions } = (await response.json()) as { Functions?: unknown };
  return ours(Functions, 'FunctionName');
}

/** Whatever of a destroyed dev stage still exists: data, logs, functions, secrets. */
export async function findLeftovers(emulator: Emulator): Promise<string[]> {
  const [tables, logs, secrets, queues] = await Promise.all([
    callJson(emulator, 'dynamodb', 'DynamoDB_20120810.ListTables', {}),
    callJson(emulator, 'logs', 'Logs_20140328.DescribeLogGroups', {}),
    callJson(emulator, 'secretsmanager', 'secretsmanager.ListSecrets', {}),
    callJson(emulator, 'sqs', 'AmazonSQS.ListQueues', {}),
  ]);
  const found = {
    table: ours(tables['TableNames']),
    'log group': ours(logs['logGroups'], 'logGroupName'),
    secret: ours(secrets['SecretList'], 'Name'),
    queue: ours(queues['QueueUrls']),
    bucket: await buckets(emulator),
    function: await functions(emulator),
  };
  return Object.entries(found).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`));
}
