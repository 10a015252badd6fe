import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Sandbox, SandboxOptions } from '../../test/sandbox/start-sandbox.ts';

export type SandboxAddresses = Pick<Sandbox, 'url' | 'trustRoot' | 'controlUrl' | 'caCertPath'>;

/** What the thread says. */
export type SandboxMessage =
  | { type: 'ready'; addresses: SandboxAddresses }
  | { type: 'failed'; message: string; code: string | undefined; port: number | undefined }
  | { type: 'log'; line: string };

export interface RunningSandbox extends SandboxAddresses {
  close(): Promise<void>;
}

/**
 * The sandbox in a thread of its own: its phones do public-key arithmetic in plain JavaScript, tens of
 * milliseconds at a time, for which no request to the gateway should have to wait.
 * @throws what `startSandbox` throws, with code and port
 */
export async function runSandbox(
  options: Omit<SandboxOptions, 'log'>,
  log: (line: string) => void,
): Promise<RunningSandbox> {
  const thread = new Worker(new URL('./sandbox-thread.ts', import.meta.url), { workerData: options });
  const started = Promise.withResolvers<SandboxAddresses>();
  const ended = once(thread, 'exit');
  thread.on('message', (message: SandboxMessage) => {
    if (message.type === 'log') log(message.line);
    else if (message.type === 'ready') started.resolve(message.addresses);
    else {
      const { code, port } = message;
      started.reject(Object.assign(new Error(message.message), { code, port }));
    }
  });
  thread.on('error', (error) => {
    log(`the sandbox has failed: ${error.message}`);
    started.reject(error);
  });
  const addresses = await started.promise;
  return {
    ...addresses,
    close: async () => {
      thread.postMessage('close');
      await ended;
    },
  };
}
