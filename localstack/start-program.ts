import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, readEmulator } from './env.ts';
import { installPythonTools } from './python-tools.ts';
import { assertReachable } from './stage.ts';

/** Of one that neither answers nor ends; five seconds on an idle machine. */
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 200;

export interface EmulatorProgram {
  /** Its pinned packages, from the repository's root. */
  requirements: string;
  program: string;
  args?: (port: number) => readonly string[];
  env?: (port: number) => Readonly<Record<string, string>>;
}

export interface RunningEmulator extends AsyncDisposable {
  emulator: Emulator;
  /** Where its output goes, until it is stopped. */
  logPath: string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Ends the process group that `pid` leads: the emulator and whatever it started. */
async function endGroup(pid: number, ended: Promise<unknown>): Promise<void> {
  const end = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
    }
  };
  end('SIGTERM');
  await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  // Whatever of it did not listen.
  end('SIGKILL');
  await ended;
}

const isReachable = (emulator: Emulator) =>
  assertReachable(emulator).then(
    () => true,
    () => false,
  );

/** An emulator from PyPI, on loopback and any free port, keeping nothing; installed where it is not yet. */
export async function startProgram(what: EmulatorProgram): Promise<RunningEmulator> {
  const bin = installPythonTools(what.requirements);
  const port = await freePort();
  const emulator = readEmulator(`http://127.0.0.1:${port}`);
  const folder = await mkdtemp(join(tmpdir(), `${what.program}-`));
  const logPath = join(folder, 'log.txt');
  const log = await open(logPath, 'w');
  // Functions in an emulator run by the `node` that comes first: this one.
  const path = [join(process.execPath, '..'), bin, emulator.childEnvironment['PATH']].join(delimiter);
  const child = spawn(join(bin, what.program), what.args?.(port) ?? [], {
    cwd: folder,
    // A group of its own, so that nothing it starts outlives it.
    detached: true,
    env: { ...emulator.childEnvironment, PATH: path, TMPDIR: folder, ...what.env?.(port) },
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.pid !== undefined) await endGroup(child.pid, ended);
    await log.close();
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (await isReachable(emulator)) return { emulator, logPath, [Symbol.asyncDispose]: stop };
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`${what.program} did not start; run it by hand to see why.`);
    }
    await sleep(POLL_MS);
  }
}

export function startMiniStack(): Promise<RunningEmulator> {
  return startProgram({
    requirements: 'localstack/requirements.txt',
    program: 'ministack',
    env: (port) => ({ BIND_HOST: '127.0.0.1', MINISTACK_HOST: '127.0.0.1', GATEWAY_PORT: String(port) }),
  });
}
