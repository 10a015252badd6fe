import type { Credentials } from './env.ts';

/** Where AWS is, and in whose name it is called. */
export interface AwsPlace {
  region: string;
  /** Of an emulator; AWS's own where absent. */
  endpoint?: string | undefined;
  /** Where absent, what the SDK finds: variables, a profile, a task's role. */
  credentials?: (() => Promise<Credentials>) | undefined;
}

export interface CallLimits {
  /** Of each call, the first one included; the SDK waits in between, longer each time and by chance. */
  attempts: number;
  /** Of one attempt: for the beginning of the answer, and for each silence after it. */
  timeoutMs: number;
  /** Connections at the same time, to one host. */
  maxSockets?: number;
}

const CONNECT_TIMEOUT_MS = 2_000;
const MAX_SOCKETS = 64;

/** What every client of the SDK is made with: its place, an end to each wait, and connections that are kept. */
export function clientSettings({ region, endpoint, credentials }: AwsPlace, limits: CallLimits) {
  const { attempts, timeoutMs, maxSockets = MAX_SOCKETS } = limits;
  const agent = { keepAlive: true, maxSockets };
  return {
    region,
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
