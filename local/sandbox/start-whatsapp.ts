import type { LocalEnv } from '../env.ts';
import { LocalError } from '../local-error.ts';
import { type InThread, runInThread } from '../threads/run-in-thread.ts';
import type { SandboxAddresses } from '../threads/sandbox-thread.ts';
import type { WhatsAppServer } from '../workers/worker-environment.ts';

/** The network that sessions connect to. */
export interface LocalWhatsApp {
  network: 'live' | 'sandbox';
  /** Undefined for the real WhatsApp. */
  server: WhatsAppServer | undefined;
  sandbox: InThread<SandboxAddresses> | undefined;
}

export interface WhatsAppOptions {
  live: boolean;
  env: Pick<LocalEnv, 'WHATSAPP_WS_URL' | 'WHATSAPP_NOISE_ROOT'>;
  controlPort: number;
  dataDir: string | undefined;
  log: (line: string) => void;
}

/** The real WhatsApp, the server that the environment names, or the sandbox, started here. */
export async function startWhatsApp(options: WhatsAppOptions): Promise<LocalWhatsApp> {
  const { WHATSAPP_WS_URL: url, WHATSAPP_NOISE_ROOT: noiseRootHex } = options.env;
  if (options.live && url !== undefined)
    throw new LocalError(
      '--live talks to the real WhatsApp, WHATSAPP_WS_URL names another server: use one of them.',
    );
  if (options.live) return { network: 'live', server: undefined, sandbox: undefined };
  if (url !== undefined) return { network: 'sandbox', server: { url, noiseRootHex }, sandbox: undefined };
  const { controlPort, dataDir, log } = options;
  const thread = new URL('../threads/sandbox-thread.ts', import.meta.url);
  const sandbox = await runInThread<object, SandboxAddresses>(
    thread,
    { controlPort, ...(dataDir === undefined ? {} : { dataDir }) },
    log,
  );
  return { network: 'sandbox', server: { url: sandbox.url, noiseRootHex: sandbox.trustRoot }, sandbox };
}
