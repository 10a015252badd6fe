import { spawn } from 'node:child_process';

export interface Ran {
  code: number;
  output: string;
}

/** Runs a program to its end, or until its time is up. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; timeoutMs: number },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { timeoutMs, cwd, env } = options;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ended = signal === null ? '' : `\nended by ${signal} after ${timeoutMs} ms\n`;
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') + ended });
    });
  });
}
