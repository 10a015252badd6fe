import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { SandboxOptions } from '../../test/sandbox/start-sandbox.ts';
import type { SandboxMessage } from './run-sandbox.ts';

/** The thread's side of `runSandbox`: starts a sandbox, says where it is, and ends it when told to. */
const tell = (message: SandboxMessage) => parentPort?.postMessage(message);

// A thread starts without its parent's cache; what is imported before this line is not in it.
enableCompileCache();

try {
  const { startSandbox } = await import('../../test/sandbox/start-sandbox.ts');
  const sandbox = await startSandbox({
    ...(workerData as SandboxOptions),
    log: (line) => tell({ type: 'log', line }),
  });
  const { url, trustRoot, controlUrl, caCertPath } = sandbox;
  parentPort?.once('message', () => {
    void sandbox.close().finally(() => parentPort?.close());
  });
  tell({ type: 'ready', addresses: { url, trustRoot, controlUrl, caCertPath } });
} catch (thrown) {
  const {
    message = String(thrown),
    code,
    port,
  } = thrown as { message?: string; code?: string; port?: number };
  tell({ type: 'failed', message, code, port });
  parentPort?.close();
}
