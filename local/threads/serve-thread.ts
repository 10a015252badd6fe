import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadMessage } from './run-in-thread.ts';

interface Started<Addresses> {
  addresses: Addresses;
  close(): Promise<void>;
}

/**
 * The thread's side of `runInThread`: starts its service, reports its addresses, and ends it when told to.
 * `start` imports what it needs itself, because a thread does not share its parent's cache of compiled
 * sources.
 */
export async function serveThread<Options, Addresses>(
  start: (options: Options, log: (line: string) => void) => Promise<Started<Addresses>>,
): Promise<void> {
  enableCompileCache();
  const tell = (message: ThreadMessage<Addresses>) => parentPort?.postMessage(message);
  try {
    const { addresses, close } = await start(workerData as Options, (line) => tell({ type: 'log', line }));
    parentPort?.once('message', () => {
      void close().finally(() => parentPort?.close());
    });
    tell({ type: 'ready', addresses });
  } catch (thrown) {
    const {
      message = String(thrown),
      code,
      port,
    } = thrown as { message?: string; code?: string; port?: number };
    tell({ type: 'failed', message, code, port });
    parentPort?.close();
  }
}
