import { setTimeout as delay } from 'node:timers/promises';
import { AwsFailure } from '../aws/aws-failure.ts';
import type { TableClient } from './table-client.ts';
import { TABLE_DEFINITION } from './table-definition.ts';

const POLL_MS = 20;
const MAX_POLLS = 500;

const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
const keys = (partitionKey: string, sortKey: string) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  { AttributeName: sortKey, KeyType: 'RANGE' },
];

async function waitUntilActive(client: TableClient, tableName: string): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const { Table } = await client.call('DescribeTable', { TableName: tableName });
    if (Table?.TableStatus === 'ACTIVE') return;
    await delay(POLL_MS);
  }
  throw new Error(`The table ${tableName} did not become active.`);
}

/** Creates the table in an emulator and waits for it; one that is already there is left as it is. */
export async function createTable(client: TableClient, tableName: string): Promise<void> {
  const { partitionKey, sortKey, indexes } = TABLE_DEFINITION;
  try {
    await client.call('CreateTable', {
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        partitionKey,
        sortKey,
        ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
      ].map(attribute),
      KeySchema: keys(partitionKey, sortKey),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: index.projection },
      })),
    });
  } catch (error) {
    if (!(error instanceof AwsFailure && error.name === 'ResourceInUseException')) throw error;
  }
  await waitUntilActive(client, tableName);
}
