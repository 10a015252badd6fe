import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { linkClient, readFlags, report, round, startBenchSandbox, type Variant } from './bench-kit.ts';

const flags = readFlags(
  `Memory of an idle linked session, beside bare Baileys: heap and buffers after a collection.

  node bench/auth/memory.ts [--sessions 100]
`,
  { sessions: '100', variant: '' },
);
const sessions = Number(flags.sessions);
const MEGABYTE = 1024 * 1024;

async function usedBytes(): Promise<number> {
  for (let n = 0; n < 4; n++) {
    await sleep(300);
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure(variant: Variant): Promise<void> {
  const sandbox = await startBenchSandbox();
  await linkClient(sandbox, { variant, index: 0 });
  const before = await usedBytes();
  const kept = [];
  for (let index = 1; index <= sessions; index++) {
    const linked = await linkClient(sandbox, { variant, index });
    // The objects themselves are storage's, not the session's.
    kept.push(linked);
  }
  await sleep(5_000);
  let stored = 0;
  for (const { store } of kept) for (const { sizeBytes } of await store.list('')) stored += sizeBytes;
  const perSession = ((await usedBytes()) - before - stored) / sessions / MEGABYTE;
  process.send?.(perSession);
  sandbox.stop();
  process.exit(0);
}

async function measureApart(variant: Variant): Promise<number> {
  const args = ['--sessions', flags.sessions, '--variant', variant];
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--expose-gc'] });
  const [perSession] = await once(child, 'message');
  return round(Number(perSession), 3);
}

if (flags.variant === 'bare' || flags.variant === 'journal') await measure(flags.variant);
else {
  const bareMb = await measureApart('bare');
  const journalMb = await measureApart('journal');
  await report('memory', { sessions, bareMb, journalMb }, [
    { name: 'MB over bare per idle session', value: round(journalMb - bareMb, 3), target: 0.5 },
  ]);
}
