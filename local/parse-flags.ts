import { parseArgs } from 'node:util';
import { LocalError } from './local-error.ts';

export interface LocalFlags {
  help: boolean;
  /** Empties `.local/` first. */
  fresh: boolean;
  /** Keeps no state. */
  memory: boolean;
  /** The real WhatsApp. */
  live: boolean;
  workers: number;
}

export const USAGE = `The whole gateway on this machine: API, WebSocket, workers, and a WhatsApp sandbox.

  npm start -- [options]

  --workers <n>   worker processes               (default: 1)
  --fresh         forget everything in .local/ first
  --memory        keep nothing on disk
  --live          talk to the real WhatsApp instead of the sandbox
  --help

For example: PORT=0 npm start -- --memory --workers 2

Environment: PORT (default 8000; 0 takes any free ports), ADMIN_EMAIL, ADMIN_PASSWORD, WORKER_AUTH_TOKEN,
WHATSAPP_WS_URL with WHATSAPP_NOISE_ROOT (another WhatsApp server), WHATSAPP_VERSION (auto, or three numbers such as
2.3000.1030000000; default: auto for the real WhatsApp, the client's own elsewhere), NODE_EXTRA_CA_CERTS, LOG_LEVEL.
`;

const MAX_WORKERS = 16;

/** @throws LocalError for an unknown flag or a value that makes no sense */
export function parseFlags(args: readonly string[]): LocalFlags {
  const flag = { type: 'boolean', default: false } as const;
  let values: { help: boolean; fresh: boolean; memory: boolean; live: boolean; workers: string };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        help: flag,
        fresh: flag,
        memory: flag,
        live: flag,
        workers: { type: 'string', default: '1' },
      },
    }));
  } catch (thrown) {
    throw new LocalError(
      `${thrown instanceof Error ? thrown.message : String(thrown)} (see npm start -- --help)`,
    );
  }
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS)
    throw new LocalError(`--workers takes a number from 1 to ${MAX_WORKERS}, not "${values.workers}".`);
  if (values.fresh && values.memory)
    throw new LocalError(
      '--memory keeps nothing, so there is nothing for --fresh to empty: use one of them.',
    );
  return { ...values, workers };
}
