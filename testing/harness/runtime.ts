import type { LocalRuntime } from '../../local/local-runtime.ts';
import type { SandboxClient } from '../../sandbox/sandbox-client.ts';
import type { LiveClientOptions } from '../../shared/realtime/live-client.ts';

/** What every target of the end-to-end tests offers: only what a tenant, a phone or an operator could do. */
export interface Runtime
  extends Pick<
    LocalRuntime,
    | 'url'
    | 'websocketUrl'
    | 'workers'
    | 'objects'
    | 'killWorker'
    | 'workerRegistered'
    | 'adminToken'
    | 'close'
  > {
  sandbox: SandboxClient;
  /** How WebSocket clients show their token; not every target passes sub-protocols on. */
  tokenIn: NonNullable<LiveClientOptions['tokenIn']>;
  /** Whether data stays after `close`, for the next file to find. */
  keepsData: boolean;
}

export interface RuntimeOptions {
  workers: number;
  /** Where workers reach the storage at this address; on this machine's target only. */
  workerStorage?: (endpoint: string) => Promise<string>;
  /** Where they reach the control plane, likewise. */
  workerBackend?: (url: string) => Promise<string>;
}
