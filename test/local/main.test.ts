import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';

const BASE = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

function run(script: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [script, ...args], { env: { ...BASE, ...env }, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function outcome(child: ChildProcess) {
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr])
    if (output !== null) createInterface({ input: output }).on('line', (line) => lines.push(line));
  const [code] = await once(child, 'close');
  return { code, lines };
}

/** The lines up to `ready`. */
async function untilReady(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === 'ready') return lines;
  }
  throw new Error(`it ended before it was ready: ${lines.join('\n')}`);
}

const addressOf = (lines: string[], name: string) =>
  /http:\S+/.exec(lines.find((line) => line.trim().startsWith(name)) ?? '')?.[0] ?? '';

/** Once resolved, watches a server's process: `end` resolves when it has gone. */
async function watch(endpoint: string): Promise<{ end: Promise<unknown> }> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(endpoint).port) });
  await once(socket, 'connect');
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.resume().on('error', () => {});
  socket.on('close', () => resolve());
  return { end: promise };
}

describe('npm start', () => {
  it('npm start prints every address, ends with ready, and goes quietly on SIGTERM with all its parts', async () => {
    const child = run('local/main.ts', ['--memory'], { PORT: '0' });
    const lines = await untilReady(child);
    for (const name of ['API', 'WebSocket', 'worker-1', 'Sandbox'])
      expect(lines.some((line) => line.trim().startsWith(name))).toBe(true);
    const worker = await watch(addressOf(lines, 'worker-1'));
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    await worker.end;
    expect(code).toBe(0);
  });

  it('npm start takes its workers with it when it is killed', async () => {
    const child = run('local/main.ts', ['--memory'], { PORT: '0' });
    const lines = await untilReady(child);
    const worker = await watch(addressOf(lines, 'worker-1'));
    child.kill('SIGKILL');
    await worker.end;
  });

  it('npm start names a taken port in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, lines } = await outcome(run('local/main.ts', ['--memory'], { PORT: String(port) }));
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`Port ${port}`);
  });

  it.each([
    [['--nonsense'], {}, '--nonsense'],
    [[], { PORT: 'many' }, 'PORT'],
  ])('npm start refuses %j with %j in one sentence', async (args, env, word) => {
    const { code, lines } = await outcome(run('local/main.ts', args, env as Record<string, string>));
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(word);
  });

  it('npm start explains itself', async () => {
    const { code, lines } = await outcome(run('local/main.ts', ['--help']));
    expect(code).toBe(0);
    expect(lines.join('\n')).toContain('--workers');
  });
});

describe('npm run worker', () => {
  it('npm run worker lists what is wrong with its environment and ends with 1', async () => {
    const { code, lines } = await outcome(run('worker/main.ts', [], { WORKER_PORT: 'x' }));
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/WORKER_PORT.*\n.*WORKER_AUTH_TOKEN.*\n.*BACKEND_URL/);
  });

  it('npm run worker names a taken port in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const env = { WORKER_PORT: String(port), WORKER_AUTH_TOKEN: 'token', STANDALONE_MODE: 'true' };
    const { code, lines } = await outcome(run('worker/main.ts', [], env));
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining(`Port ${port}`)]);
  });
});

describe('npm run demo', () => {
  it('npm run demo says in one sentence that no gateway runs', async () => {
    const { code, lines } = await outcome(
      run('local/demo/main.ts', [], { GATEWAY_URL: 'http://127.0.0.1:9' }),
    );
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining('npm start')]);
  });
});
