import { parentPort, workerData } from 'node:worker_threads';
import { type SandboxOptions, startSandbox } from '../../test/sandbox/start-sandbox.ts';
import type { SandboxMessage } from './run-sandbox.ts';

/** The thread's side of `runSandbox`: starts a sandbox, says where it is, and ends it when told to. */
const tell = (message: SandboxMessage) => parentPort?.postMessage(message);

try {
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
