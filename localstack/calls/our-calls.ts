import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createMailer } from '../../functions/accounts/mail/create-mailer.ts';
import { openRelay } from '../../functions/lambda/invoke-relay.ts';
import { createSecretsClient, openSecrets } from '../../functions/lambda/read-secret.ts';
import { createPoster } from '../../functions/realtime/poster.ts';
import { createSecretVersions } from '../../functions/rotation/secret-versions.ts';
import type { Credentials } from '../../shared/aws/env.ts';
import { createBucketClient } from '../../shared/objects/bucket-client.ts';
import { openBucket } from '../../shared/objects/open-bucket.ts';
import { createQueueClient, openQueue } from '../../shared/queue/queue.ts';
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

const placeOf = ({ emulator: { region, url: endpoint } }: Place, credentials: Credentials) => ({
  region,
  endpoint,
  credentials: async () => credentials,
});

const inTable = (action: string, use: (table: Table) => Promise<unknown>): OurCall => ({
  action: `dynamodb:${action}`,
  make: async (place, credentials) => {
    const client = createTableClient(placeOf(place, credentials));
    try {
      return await use(openTable(client, place.tableName));
    } finally {
      client.destroy();
    }
  },
});

const toQueue = (on: QueueName): OurCall => ({
  action: 'sqs:SendMessage',
  on,
  make: (place, credentials) =>
    openQueue(createQueueClient(placeOf(place, credentials)), place.queueUrls[on]).send([
      { group: 'g', dedupId: randomUUID(), body: '{}' },
    ]),
});

const LIMITS = { attempts: 3, timeoutMs: 20_000 };
const objects = (place: Place, credentials: Credentials) =>
  openBucket({ client: createBucketClient(placeOf(place, credentials), LIMITS), bucket: BUCKET });

const versionsOf = (place: Place, credentials: Credentials) =>
  createSecretVersions(createSecretsClient(placeOf(place, credentials)));

/** Actions that no code of ours has: they go out as the others do, and have to be refused. */
const FOREIGN: readonly OurCall[] = [
  {
    action: 'dynamodb:Scan',
    make: (place, credentials) =>
      createTableClient(placeOf(place, credentials)).send(new ScanCommand({ TableName: place.tableName })),
  },
  {
    action: 'secretsmanager:DeleteSecret',
    make: (place, credentials) =>
      createSecretsClient(placeOf(place, credentials)).send(
        new DeleteSecretCommand({ SecretId: place.secretArn }),
      ),
  },
  {
    action: 'sqs:ListQueues',
    make: (place, credentials) =>
      createQueueClient(placeOf(place, credentials)).send(new ListQueuesCommand({})),
  },
];

/** Every call that the control plane makes, by the code that makes it, and three that nobody may make. */
export const OUR_CALLS: readonly OurCall[] = [
  inTable('GetItem', (table) => table.get(key(), Item)),
  inTable('BatchGetItem', (table) => table.getMany([key(), key()], Item)),
  inTable('Query', (table) => table.query({ pk: 'WORKERS', index: 'gsi1' }, Item)),
  inTable('PutItem', (table) => table.put(key(), missing('pk'))),
  inTable('UpdateItem', (table) => table.update(key(), { set: { a: 1 }, condition: missing('pk') }, Item)),
  inTable('DeleteItem', (table) => table.delete(key())),
  ...(['deliveries', 'deliveryDeadLetters', 'outbox'] as const).map(toQueue),
  {
    action: 'secretsmanager:GetSecretValue',
    make: (place, credentials) => openSecrets(placeOf(place, credentials))(place.secretArn),
  },
  {
    action: 'secretsmanager:DescribeSecret',
    make: (place, credentials) => versionsOf(place, credentials).labels(place.secretArn),
  },
  {
    action: 'secretsmanager:PutSecretValue',
    make: (place, credentials) =>
      versionsOf(place, credentials).write(place.secretArn, randomUUID(), newTokens()),
  },
  {
    action: 'secretsmanager:UpdateSecretVersionStage',
    make: async (place, credentials) => {
      const versions = versionsOf(place, credentials);
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
    make: (place, credentials) =>
      createMailer({ sender: SENDER, ...placeOf(place, credentials) })({
        to: 'tenant@example.com',
        subject: 'A subject',
        text: 'A text',
      }),
  },
  {
    action: 'execute-api:ManageConnections',
    make: (place, credentials) => createPoster(placeOf(place, credentials)).post('c1', '{}'),
  },
  {
    action: 'lambda:InvokeFunction',
    make: (place, credentials) =>
      openRelay('relay', placeOf(place, credentials))('{}', AbortSignal.timeout(10_000)),
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
  ...FOREIGN,
];
