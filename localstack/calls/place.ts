import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Credentials } from '../../shared/aws/env.ts';
import { TABLE_DEFINITION } from '../../shared/table/table-definition.ts';
import { callJson, callQuery, callService, elements } from '../emulator-client.ts';
import type { Emulator } from '../env.ts';

/** What our calls are made to, named alike in every policy. */
export const ACCOUNT = '123456789012';
export const BUCKET = 'objects';
export const SENDER = 'gateway@example.com';
export const KEYS = ['sessions/s1/session-data.json', 'media/s1/images/m1', 'workers/w1/alive'] as const;
const QUEUES = ['deliveries', 'deliveryDeadLetters', 'outbox'] as const;
export type QueueName = (typeof QUEUES)[number];

export interface Place {
  emulator: Emulator;
  tableName: string;
  queueUrls: Readonly<Record<QueueName, string>>;
  secretArn: string;
}

export const queueArn = ({ region }: Emulator, name: QueueName) =>
  `arn:aws:sqs:${region}:${ACCOUNT}:${name}.fifo`;

/** A secret's value, in the form that the functions read. */
export const newTokens = () => JSON.stringify({ current: randomUUID().repeat(2), next: '', previous: '' });

const QueueUrl = z.object({ QueueUrl: z.string() });

async function makeTable(emulator: Emulator, TableName: string): Promise<void> {
  const { partitionKey, sortKey, indexes } = TABLE_DEFINITION;
  const schema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
  const names = [partitionKey, sortKey, ...indexes.flatMap((each) => [each.partitionKey, each.sortKey])];
  await callJson(emulator, 'dynamodb', 'DynamoDB_20120810.CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: schema(partitionKey, sortKey),
    GlobalSecondaryIndexes: indexes.map((each) => ({
      IndexName: each.name,
      KeySchema: schema(each.partitionKey, each.sortKey),
      Projection: { ProjectionType: each.projection },
    })),
  });
}

/** A table, queues, a secret, a bucket with an object under each prefix, and a verified sender. */
export async function makePlace(emulator: Emulator): Promise<Place> {
  const tableName = 'gateway';
  await makeTable(emulator, tableName);
  const urls = await Promise.all(
    QUEUES.map(async (name) => {
      const input = { QueueName: `${name}.fifo`, Attributes: { FifoQueue: 'true' } };
      const made = await callJson(emulator, 'sqs', 'AmazonSQS.CreateQueue', input);
      return [name, QueueUrl.parse(made).QueueUrl] as const;
    }),
  );
  const secret = await callJson(emulator, 'secretsmanager', 'secretsmanager.CreateSecret', {
    Name: 'worker-tokens',
    ClientRequestToken: randomUUID(),
    SecretString: newTokens(),
  });
  await callService(emulator, { service: 's3', method: 'PUT', path: BUCKET });
  for (const key of KEYS)
    await callService(emulator, { service: 's3', method: 'PUT', path: `${BUCKET}/${key}`, body: 'x' });
  await callService(emulator, {
    service: 'ses',
    method: 'POST',
    path: 'v2/email/identities',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ EmailIdentity: SENDER }),
  });
  const queueUrls = Object.fromEntries(urls) as Place['queueUrls'];
  return { emulator, tableName, queueUrls, secretArn: String(secret['ARN']) };
}

/** Somebody with exactly this policy. @returns what signs in that name */
export async function makeUser(emulator: Emulator, name: string, policy: object): Promise<Credentials> {
  const iam = (action: string, input: Record<string, string>) =>
    callQuery(emulator, 'iam', action, '2010-05-08', { UserName: name, ...input });
  await iam('CreateUser', {});
  await iam('PutUserPolicy', { PolicyName: 'own', PolicyDocument: JSON.stringify(policy) });
  const key = await iam('CreateAccessKey', {});
  const [accessKeyId = ''] = elements(key, 'AccessKeyId');
  const [secretAccessKey = ''] = elements(key, 'SecretAccessKey');
  return { accessKeyId, secretAccessKey };
}
