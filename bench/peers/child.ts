import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readInheritedEnv } from '../../local/env.ts';

/** What a process takes of the machine: resident memory now, processor time since its start. */
export interface Usage {
  rssMb: number;
  cpuMs: number;
}

export interface Child<Ready> {
  readonly pid: number;
  /** What it said of itself when it was ready. */
  readonly ready: Ready;
  readonly process: ChildProcess;
  usage(): Usage;
  /** Ends it in order, by force where that takes too long. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  script: string;
  args?: readonly string[];
  /** Beside what every process of this machine needs. */
  env?: Readonly<Record<string, string>>;
  execArgv?: readonly string[];
  /** The Node that runs it; this one where absent. */
  node?: string;
}

const READY_MS = 60_000;
const STOP_MS = 25_000;
/** Linux counts processor time in hundredths of a second (`sysconf(_SC_CLK_TCK)`). */
const MS_PER_TICK = 10;
const MEBIBYTE_KB = 1024;

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces; fields 14 and 15 are user and system time (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0] = [Number(fields[11]), Number(fields[12])];
  const [, rssKb = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { rssMb: Number(rssKb) / MEBIBYTE_KB, cpuMs: (user + system) * MS_PER_TICK };
}

/** Starts a program of ours and resolves with the first message that it sends over its channel. */
export async function startChild<Ready>(options: ChildOptions): Promise<Child<Ready>> {
  const { script, args = [], env = {}, execArgv = [], node = process.execPath } = options;
  const child = spawn(node, [...execArgv, script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...readInheritedEnv(), ...env },
  });
  const exited = once(child, 'exit');
  const failed = exited.then(([code]) => {
    throw new Error(`${script} ended with ${String(code)} before it was ready.`);
  });
  failed.catch(() => undefined);
  const [ready] = (await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(READY_MS) }),
    failed,
  ])) as [Ready];
  const pid = child.pid ?? 0;
  return {
    pid,
    ready,
    process: child,
    usage: () => usageOf(pid),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited.finally(() => clearTimeout(force));
    },
  };
}
