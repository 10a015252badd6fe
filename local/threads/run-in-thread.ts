import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Messages from the thread about the service in it. */
export type ThreadMessage<Addresses> =
  | { type: 'ready'; addresses: Addresses }
  | { type: 'failed'; message: string; code: string | undefined; port: number | undefined }
  | { type: 'log'; line: string };

export type InThread<Addresses> = Addresses & { close(): Promise<void> };

/**
 * Runs a service in a thread of its own. The sandbox's phones do public-key arithmetic in plain JavaScript,
 * and fauxqs waits for the disk at each write: no request to the gateway should wait for either.
 * @param file of the thread, which calls `serveThread`
 * @throws what its start throws, with code and port
 */
export async function runInThread<Options, Addresses extends object>(
  file: URL,
  options: Options,
  log: (line: string) => void,
): Promise<InThread<Addresses>> {
  const thread = new Worker(file, { workerData: options });
  const started = Promise.withResolvers<Addresses>();
  const ended = once(thread, 'exit');
  thread.on('message', (message: ThreadMessage<Addresses>) => {
    if (message.type === 'log') log(message.line);
    else if (message.type === 'ready') started.resolve(message.addresses);
    else {
      const { code, port } = message;
      started.reject(Object.assign(new Error(message.message), { code, port }));
    }
  });
  thread.on('error', (error) => {
    log(`it has failed: ${error.message}`);
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
