import { createRequire } from 'node:module';
import dynalite from 'dynalite';
import { createTable } from '../../shared/table/create-table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import { startServer, stopServer } from './start-server.ts';

export interface LocalTable {
  endpoint: string;
  tableName: string;
  close(): Promise<void>;
}

const TABLE_NAME = 'gateway';

interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens and closes the store once before dynalite does, because dynalite would crash the process over a
 * damaged one.
 */
async function checkStore(path: string): Promise<void> {
  const fromDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  const { Level } = fromDynalite('level') as { Level: new (path: string) => Database };
  const database = new Level(path);
  try {
    await database.open();
  } catch (thrown) {
    throw thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  }
  await database.close();
}

/** DynamoDB's protocol on loopback: dynalite, on disk where a path is given. */
export async function startTable(path: string | undefined): Promise<LocalTable> {
  if (path !== undefined) await checkStore(path);
  const server = dynalite({ ...(path === undefined ? {} : { path }), createTableMs: 0 });
  const endpoint = `http://127.0.0.1:${await startServer(server, 0)}`;
  const client = createTableClient({ endpoint, region: 'us-east-1' });
  try {
    await createTable(client, TABLE_NAME);
  } finally {
    client.destroy();
  }
  return { endpoint, tableName: TABLE_NAME, close: () => stopServer(server) };
}
