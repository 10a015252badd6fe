import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readInheritedEnv } from '../local/env.ts';
import { showHelp } from '../shared/program/show-help.ts';

/**
 * Keeps worker/Dockerfile honest where there is no Docker: runs its steps in a scratch folder, each stage in
 * one of its own, and starts the result as the image would be started. What only an image can have (apt, the
 * user, tini) is checked as text.
 */

const ROOT = join(import.meta.dirname, '..');
const READY_TIMEOUT_MS = 60_000;
const STEP_TIMEOUT_MS = 300_000;

interface Instruction {
  word: string;
  rest: string;
}

/** One entry per instruction, continued lines joined. */
function readInstructions(): Instruction[] {
  const text = readFileSync(join(ROOT, 'worker/Dockerfile'), 'utf8').replace(/\\\n/g, ' ');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [word = '', ...rest] = line.split(' ');
      return { word, rest: rest.join(' ') };
    });
}

function assertText(instructions: readonly Instruction[]): void {
  const text = instructions.map(({ word, rest }) => `${word} ${rest}`).join('\n');
  const demands: [string, RegExp][] = [
    ['the pinned base image, slim, in every stage', /^FROM node:24\.\d+\.\d+-slim( AS \w+)?$/m],
    ['a user that is not root', /^USER node$/m],
    ['an init that passes signals on', /^ENTRYPOINT \["\/usr\/bin\/tini", "--"\]$/m],
    ['production dependencies only', /npm ci --omit=dev/],
    ['no scripts of packages', /--ignore-scripts/],
    ['a health check', /^HEALTHCHECK /m],
  ];
  for (const [what, pattern] of demands)
    if (!pattern.test(text)) throw new Error(`worker/Dockerfile has no ${what}`);
  const last = instructions.findLastIndex(({ word }) => word === 'FROM');
  if (instructions.slice(last).some(({ word, rest }) => word === 'RUN' && rest.includes('npm')))
    throw new Error('npm runs in the last stage of worker/Dockerfile');
}

function copy(rest: string, stages: ReadonlyMap<string, string>, into: string): void {
  const [, stage, paths = ''] = /^(?:--from=(\w+) )?(.+)$/.exec(rest) ?? [];
  const parts = paths.split(' ');
  const target = parts.pop() ?? '';
  for (const source of parts) {
    const from = stage === undefined ? join(ROOT, source) : join(stages.get(stage) ?? '', source);
    const isFolderTarget = target.endsWith('/');
    cpSync(from, join(into, isFolderTarget ? `${target}/${source}` : target), { recursive: true });
  }
}

function run(command: string, cwd: string): void {
  // Packages of the operating system are the image's own affair.
  if (command.startsWith('apt-get')) return;
  // The packages are on this machine already: the registry need not answer a second time.
  const offline = `export npm_config_prefer_offline=true; ${command}`;
  const { status, stderr } = spawnSync('sh', ['-c', offline], {
    cwd,
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${String(status)}:\n${stderr.slice(-2_000)}`);
}

/** Carries the steps out; answers where the last stage stands and what starts it. */
function build(instructions: readonly Instruction[], scratch: string) {
  const stages = new Map<string, string>();
  const env: Record<string, string> = {};
  let folder = '';
  let command: string[] = [];
  for (const { word, rest } of instructions) {
    if (word === 'FROM') {
      folder = mkdtempSync(join(scratch, 'stage-'));
      stages.set(/ AS (\w+)$/.exec(rest)?.[1] ?? 'last', folder);
    }
    // `/app` of the image is `app` of the stage's folder.
    const app = join(folder, 'app');
    if (word === 'WORKDIR') mkdirSync(app, { recursive: true });
    if (word === 'COPY') copy(rest.replaceAll(' /app/', ' app/'), stages, app);
    if (word === 'RUN') run(rest, app);
    if (word === 'ENV')
      Object.assign(env, Object.fromEntries(rest.split(' ').map((pair) => pair.split('='))));
    if (word === 'CMD') command = JSON.parse(rest);
  }
  return { folder: join(folder, 'app'), env, command };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function isAlive(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
  return response?.ok === true;
}

/** Starts what was built, stand-alone, until it answers; then asks it to end, as an orchestrator does. */
async function startAndStop(
  { folder, env, command }: ReturnType<typeof build>,
  scratch: string,
): Promise<void> {
  const port = await freePort();
  const [program = 'node', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...env,
      PATH: readInheritedEnv()['PATH'] ?? '',
      STANDALONE_MODE: 'true',
      // The image listens everywhere; this check on loopback only.
      WORKER_HOST: '127.0.0.1',
      WORKER_AUTH_TOKEN: 'a-token-for-this-check-only',
      WORKER_PORT: String(port),
      SESSION_STORAGE_PATH: join(scratch, 'sessions'),
      MEDIA_STORAGE_PATH: join(scratch, 'media'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  try {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await isAlive(port))) {
      if (child.exitCode !== null)
        throw new Error(`the worker ended with ${child.exitCode} before it answered`);
      if (performance.now() > deadline) throw new Error('the worker did not answer within a minute');
      await sleep(200);
    }
  } finally {
    child.kill('SIGTERM');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the worker ended with ${String(code)} on SIGTERM`);
}

showHelp(`Runs the steps of worker/Dockerfile in a scratch folder, without Docker, and starts the result as the image would.

  node localstack/check-dockerfile.ts

Ends with 1 where a step fails, or the worker does not answer or does not end cleanly.`);

const scratch = mkdtempSync(join(tmpdir(), 'worker-image-'));
try {
  const instructions = readInstructions();
  assertText(instructions);
  const image = build(instructions, scratch);
  await startAndStop(image, scratch);
  console.log('worker/Dockerfile: its steps run, the worker answers, and ends cleanly on SIGTERM');
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
