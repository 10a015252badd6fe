import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readInheritedEnv } from '../../local/env.ts';
import { DevTools } from './dev-tools.ts';

const START_TIMEOUT_MS = 60_000;

const FLAGS = [
  '--headless',
  '--remote-debugging-port=0',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-proxy-server',
  // Whatever is not on this machine fails.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('Chromium has no output.');
  for await (const line of createInterface({ input: child.stderr })) {
    const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error('Chromium ended before it was ready.');
}

export interface Browser {
  tools: DevTools;
  close(): Promise<void>;
}

/** Starts a Chromium of this machine with a profile of its own. @throws Error where there is none */
export async function startChromium(program: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'gateway-chromium-'));
  // Its own sandbox needs a user that is not root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(program, [...FLAGS, ...asRoot, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: readInheritedEnv(),
    timeout: 10 * 60_000,
  });
  const ended = once(child, 'exit');
  const missing = once(child, 'error').then(([fault]) => {
    throw new Error(
      `Chromium could not be started as "${program}" (${String(fault)}): see test/browser/install.sh.`,
    );
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  // Killed, it says no more: `addressOf` ends.
  const address = await Promise.race([addressOf(child), missing]).finally(() => clearTimeout(timer));
  // Nobody reads on; a full pipe would halt it.
  child.stderr?.resume();
  const tools = await DevTools.connect(address);
  return {
    tools,
    async close() {
      tools.close();
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
