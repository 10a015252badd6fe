import type { LocalObjectStore } from '../services/start-object-store.ts';
import { serveThread } from './serve-thread.ts';

export type ObjectStoreAddresses = Omit<LocalObjectStore, 'close'>;

await serveThread<{ folder: string | undefined }, ObjectStoreAddresses>(async ({ folder }) => {
  const { startObjectStore } = await import('../services/start-object-store.ts');
  const { close, ...addresses } = await startObjectStore(folder);
  return { addresses, close };
});
