import { credentialsOfEnvironment } from '../../shared/aws/env.ts';

/** Replaces pino's thread-stream: logs on Lambda go to standard output, never to another thread. */
export class NoWorkerThreads {
  constructor() {
    throw new Error('log transports in worker threads are not part of Lambda bundles');
  }
}

/** Replaces pngjs, which only `qrcode`'s own pictures need: ours are drawn from its modules. */
export class PNG {
  constructor() {
    throw new Error('pictures by qrcode are not part of Lambda bundles');
  }
}

/** Replaces the SDK's chain of credential providers: Lambda sets credentials as variables and offers no others. */
export const defaultProvider = () => credentialsOfEnvironment;
