import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const INSTALL_TIMEOUT_MS = 300_000;

function run(program: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (error !== undefined) throw new Error(`${program} could not be run: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr.slice(-2_000)}`);
}

/**
 * The pinned packages of a requirements file, in a virtual environment of their own below `node_modules/.cache`;
 * made anew where the file has changed. Needs python3 with venv. @returns the folder of their programs
 */
export function installPythonTools(requirements: string): string {
  const folder = join(ROOT, 'node_modules', '.cache', 'python', requirements.replace(/\W+/g, '-'));
  const bin = join(folder, 'bin');
  const wanted = readFileSync(join(ROOT, requirements), 'utf8');
  const installed = join(folder, 'installed.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return bin;
  mkdirSync(folder, { recursive: true });
  run('python3', ['-m', 'venv', '--clear', folder]);
  run(join(bin, 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    // The file names everything: what it does not name would be unpinned.
    '--no-deps',
    '-r',
    join(ROOT, requirements),
  ]);
  writeFileSync(installed, wanted);
  return bin;
}
