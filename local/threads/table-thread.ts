import type { LocalTable } from '../services/start-table.ts';
import { serveThread } from './serve-thread.ts';

export type TableAddresses = Omit<LocalTable, 'close'>;

await serveThread<{ path: string | undefined }, TableAddresses>(async ({ path }) => {
  const { startTable } = await import('../services/start-table.ts');
  const { close, ...addresses } = await startTable(path);
  return { addresses, close };
});
