/** Replaces pino's thread-stream: logs on Lambda go to standard output, never to another thread. */
export class NoWorkerThreads {
  constructor() {
    throw new Error('log transports in worker threads are not part of Lambda bundles');
  }
}
