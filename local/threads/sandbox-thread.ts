import type { Sandbox, SandboxOptions } from '../../sandbox/start-sandbox.ts';
import { serveThread } from './serve-thread.ts';

export type SandboxAddresses = Pick<Sandbox, 'url' | 'trustRoot' | 'controlUrl' | 'caCertPath'>;

await serveThread<Omit<SandboxOptions, 'log'>, SandboxAddresses>(async (options, log) => {
  const { startSandbox } = await import('../../sandbox/start-sandbox.ts');
  const sandbox = await startSandbox({ ...options, log });
  const { url, trustRoot, controlUrl, caCertPath } = sandbox;
  return { addresses: { url, trustRoot, controlUrl, caCertPath }, close: () => sandbox.close() };
});
