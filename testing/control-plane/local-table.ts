import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../shared/table/create-table.ts';
import { openTable, type Table } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';

/** Published without types. */
const dynalite: (options: { createTableMs?: number }) => Server = createRequire(import.meta.url)('dynalite');

export interface LocalTable {
  endpoint: string;
  tableName: string;
  table: Table;
  client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

/** A table of its own in an in-memory DynamoDB on the loopback interface. */
export async function startLocalTable(): Promise<LocalTable> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createTableClient({ region: 'us-east-1', endpoint });
  const tableName = `gateway-${randomUUID()}`;
  await createTable(client, tableName);
  return {
    endpoint,
    tableName,
    table: openTable(client, tableName),
    client,
    async close() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
