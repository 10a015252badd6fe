import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Emulator } from './env.ts';

const ROOT = join(import.meta.dirname, '..');
const APP = `${process.execPath} ${join(ROOT, 'localstack', 'app.ts')}`;
export const ASSEMBLY = join(ROOT, 'cdk.out', 'emulator');
export const OUTPUTS = join(ROOT, 'cdk.out', 'emulator-outputs.json');
/** What the last synthesis left out; see `leave-out.ts`. */
export const LEFT_OUT = join(ROOT, 'cdk.out', 'emulator-left-out.json');

/** Plain `cdk`, of the same stacks, against the emulator. @returns what it printed @throws where it failed */
export async function runCdk(emulator: Emulator, args: readonly string[]): Promise<string> {
  const child = spawn(
    join(ROOT, 'node_modules', '.bin', 'cdk'),
    [...args, '--app', APP, '--output', ASSEMBLY, '--progress', 'events', '--no-color'],
    { cwd: ROOT, env: emulator.childEnvironment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => parts.push(text));
  const [code] = await once(child, 'close');
  const printed = parts.join('');
  if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${String(code)}:\n${printed.slice(-4_000)}`);
  return printed;
}
