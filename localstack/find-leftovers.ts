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

async function callS3({ url, region }: Emulator, method: string, path: string): Promise<string> {
  const response = await fetch(`${url}/${path}`, {
    method,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=none`,
    },
  });
  return await response.text();
}

/** The text of every such element of an XML answer. */
const elements = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]+)</${name}>`, 'g'))].map(([, text = '']) => text);

async function buckets(emulator: Emulator): Promise<string[]> {
  return ours(elements(await callS3(emulator, 'GET', ''), 'Name'));
}

/** Deletes the objects of our buckets, which an ephemeral stage on AWS does by itself. */
export async function emptyBuckets(emulator: Emulator): Promise<void> {
  for (const bucket of await buckets(emulator)) {
    for (;;) {
      const keys = elements(await callS3(emulator, 'GET', `${bucket}?list-type=2`), 'Key');
      if (keys.length === 0) break;
      for (const key of keys) await callS3(emulator, 'DELETE', `${bucket}/${key}`);
    }
  }
}

/** Names of our functions. */
export async function listFunctions({ url }: Emulator): Promise<string[]> {
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
    function: await listFunctions(emulator),
  };
  return Object.entries(found).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`));
}
