import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { readLocalEnv } from './env.ts';
import { explain } from './local-error.ts';
import type { LocalRuntime } from './local-runtime.ts';
import { type LocalFlags, parseFlags, USAGE } from './parse-flags.ts';
import { choosePorts, startLocal } from './start-local.ts';

const STATE_DIR = fileURLToPath(new URL('../.local', import.meta.url));

function describe(runtime: LocalRuntime, flags: LocalFlags): string[] {
  const { secrets } = runtime;
  const row = (name: string, value: string) => `  ${name.padEnd(14)}${value}`;
  const password = secrets.madeUp.has('adminPassword')
    ? secrets.adminPassword
    : pc.dim('(as set, or shown at the first start)');
  return [
    pc.bold('WhatsApp gateway'),
    row('API', runtime.url),
    row('Reference', `${runtime.url}/api/v1/docs`),
    row('WebSocket', runtime.websocketUrl),
    ...runtime.workers.map(({ workerId, endpoint }) => row(workerId.replace('local-', ''), endpoint)),
    ...(runtime.sandboxControlUrl === undefined ? [] : [row('Sandbox', runtime.sandboxControlUrl)]),
    row(
      'Network',
      runtime.network === 'live' ? 'the real WhatsApp' : 'a sandbox: nothing leaves this machine',
    ),
    row('State', flags.memory ? 'in memory' : '.local/'),
    row('Administrator', `${secrets.adminEmail}  ${password}`),
    ...(secrets.madeUp.has('workerToken') ? [row('Worker token', secrets.workerToken)] : []),
  ];
}

/** Ctrl-C and SIGTERM end every part gracefully; a second signal ends them at once. */
function endOnSignals(runtime: Promise<LocalRuntime>): void {
  let ending = false;
  const end = () => {
    if (ending) process.exit(1);
    ending = true;
    console.log(pc.dim('ending every part …'));
    runtime
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        (thrown: unknown) => {
          console.error(pc.red(explain(thrown)));
          process.exit(1);
        },
      );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

/** `npm start`: the last line of its greeting says `ready`. */
export async function runLocal(args: readonly string[]): Promise<void> {
  try {
    const flags = parseFlags(args);
    if (flags.help) {
      console.log(USAGE);
      return;
    }
    const env = readLocalEnv();
    const starting = startLocal({
      env,
      fresh: flags.fresh,
      live: flags.live,
      workers: flags.workers,
      stateDir: flags.memory ? undefined : STATE_DIR,
      ports: choosePorts(env.PORT),
      show: (line) => console.error(line),
    });
    endOnSignals(starting);
    const runtime = await starting;
    for (const line of describe(runtime, flags)) console.log(line);
    console.log('ready');
  } catch (thrown) {
    console.error(pc.red(explain(thrown)));
    process.exit(1);
  }
}
