import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { createMailer } from '../../functions/accounts/mail/create-mailer.ts';
import { createRelayInvoke } from '../../functions/lambda/invoke-relay.ts';
import { createSecretReader } from '../../functions/lambda/read-secret.ts';
import { createPoster } from '../../functions/realtime/poster.ts';
import { createSecretVersions } from '../../functions/rotation/secret-versions.ts';
import type { Credentials } from '../../shared/aws/create-signer.ts';
import { callAction } from '../../shared/aws/json-action.ts';
import { openService } from '../../shared/aws/open-service.ts';
import { openBucket } from '../../shared/objects/open-bucket.ts';
import { openQueue } from '../../shared/queue/queue.ts';
import { missing } from '../../shared/table/condition.ts';
import { openTable, type Table } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import { BUCKET, KEYS, newTokens, type Place, type QueueName, SENDER } from './place.ts';

/** A right as `test/infra/rights-laws.ts` names it, with what it is about where rights differ in that. */
export interface OurCall {
  action: string;
  /** Object prefix or queue. */
  on?: string;
  make(place: Place, credentials: Credentials): Promise<unknown>;
}

const Item = z.looseObject({ pk: z.string() });
const key = () => ({ pk: `P#${randomUUID()}`, sk: 'A' });

const inTable = (action: string, use: (table: Table) => Promise<unknown>): OurCall => ({
  action: `dynamodb:${action}`,
  make: async ({ emulator, tableName }, credentials) => {
    const { region, url: endpoint } = emulator;
    const client = createTableClient({ region, endpoint, credentials: async () => credentials });
    try {
      return await use(openTable(client, tableName));
    } finally {
      client.destroy();
    }
  },
});

const placeOf = ({ emulator: { region, url: endpoint } }: Place, credentials: Credentials) => ({
  region,
  endpoint,
  credentials: async () => credentials,
});

const toQueue = (on: QueueName): OurCall => ({
  action: 'sqs:SendMessage',
  on,
  make: (place, credentials) =>
    openQueue(place.queueUrls[on], placeOf(place, credentials)).send([
      { group: 'g', dedupId: randomUUID(), body: '{}' },
    ]),
});

const objects = (place: Place, credentials: Credentials) =>
  openBucket({ bucket: BUCKET, ...placeOf(place, credentials) });

/** An action that no code of ours has: it goes out as the others do, and has to be refused. */
const foreign = (service: string, target: string, action: string, input: object): OurCall => ({
  action: `${service}:${action}`,
  make: async (place, credentials) => {
    const attempt = { attempts: 1, attemptTimeoutMs: 10_000 };
    const opened = openService({ service, ...placeOf(place, credentials), ...attempt });
    try {
      return await callAction(opened, { target, version: '1.1' }, action, input);
    } finally {
      opened.close();
    }
  },
});

/** Every call that the control plane makes, by the code that makes it, and three that nobody may make. */
export const OUR_CALLS: readonly OurCall[] = [
  inTable('GetItem', (table) => table.get(key(), Item)),
  inTable('BatchGetItem', (table) => table.getMany([key(), key()], Item)),
  inTable('Query', (table) => table.query({ pk: 'WORKERS', index: 'gsi1' }, Item)),
  inTable('PutItem', (table) => table.put(key(), missing('pk'))),
  inTable('BatchWriteItem', (table) => table.putMany([key(), key()])),
  inTable('UpdateItem', (table) => table.update(key(), { set: { a: 1 }, condition: missing('pk') }, Item)),
  inTable('DeleteItem', (table) => table.delete(key())),
  ...(['deliveries', 'slowDeliveries', 'givenUpDeliveries', 'outbox'] as const).map(toQueue),
  {
    action: 'secretsmanager:GetSecretValue',
    make: (place, credentials) => createSecretReader(placeOf(place, credentials))(place.secretArn),
  },
  {
    action: 'secretsmanager:DescribeSecret',
    make: (place, credentials) => createSecretVersions(placeOf(place, credentials)).labels(place.secretArn),
  },
  {
    action: 'secretsmanager:PutSecretValue',
    make: (place, credentials) =>
      createSecretVersions(placeOf(place, credentials)).write(place.secretArn, randomUUID(), newTokens()),
  },
  {
    action: 'secretsmanager:UpdateSecretVersionStage',
    make: async (place, credentials) => {
      const versions = createSecretVersions(placeOf(place, credentials));
      const [instead] =
        Object.entries(await versions.labels(place.secretArn)).find(([, labels]) =>
          labels.includes('AWSCURRENT'),
        ) ?? [];
      const version = randomUUID();
      await versions.write(place.secretArn, version, newTokens());
      await versions.makeCurrent(place.secretArn, version, instead);
    },
  },
  {
    action: 'ses:SendEmail',
    make: ({ emulator }, credentials) =>
      createMailer({
        sender: SENDER,
        region: emulator.region,
        endpoint: emulator.url,
        credentials: async () => credentials,
      })({ to: 'tenant@example.com', subject: 'A subject', text: 'A text' }),
  },
  {
    action: 'execute-api:ManageConnections',
    make: (place, credentials) => createPoster(placeOf(place, credentials)).post('c1', '{}'),
  },
  {
    action: 'lambda:InvokeFunction',
    make: (place, credentials) =>
      createRelayInvoke('relay', placeOf(place, credentials))('{}', AbortSignal.timeout(10_000)),
  },
  ...KEYS.map(
    (on): OurCall => ({
      action: 's3:GetObject',
      on,
      make: (place, credentials) => objects(place, credentials).get(on),
    }),
  ),
  {
    action: 's3:ListBucket',
    make: (place, credentials) => objects(place, credentials).list('sessions/'),
  },
  foreign('dynamodb', 'DynamoDB_20120810', 'Scan', { TableName: 'gateway' }),
  foreign('secretsmanager', 'secretsmanager', 'DeleteSecret', { SecretId: 'worker-tokens' }),
  foreign('sqs', 'AmazonSQS', 'ListQueues', {}),
];
