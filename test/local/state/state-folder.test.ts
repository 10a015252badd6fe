import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStateFolder, readingState } from '../../../local/state/state-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const open = (path: string, fresh = false) => openStateFolder(path, { fresh });

describe('openStateFolder', () => {
  it('openStateFolder makes a folder, and opens it again after its release', async () => {
    const path = join(temporaryFolder(), '.local');
    await (await open(path)).release();
    writeFileSync(join(path, 'kept'), '');
    await open(path);
    expect(existsSync(join(path, 'kept'))).toBe(true);
  });

  it('openStateFolder empties it when asked for a fresh start', async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'format.json'), 'not JSON');
    writeFileSync(join(path, 'kept'), '');
    await open(path, true);
    expect(existsSync(join(path, 'kept'))).toBe(false);
  });

  it.each(['not JSON', 'null', '{"format":999}'])(
    'refuses a folder whose marker is %s, naming the way out',
    async (marker) => {
      const path = temporaryFolder();
      writeFileSync(join(path, 'format.json'), marker);
      await expect(open(path)).rejects.toThrow(/--fresh/);
      expect(existsSync(join(path, 'lock'))).toBe(false);
    },
  );

  it('openStateFolder refuses a folder that a living process uses, also for a fresh start', async () => {
    const path = temporaryFolder();
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void holder.kill());
    await once(holder, 'spawn');
    writeFileSync(join(path, 'lock'), String(holder.pid));
    await expect(open(path)).rejects.toThrow(String(holder.pid));
    await expect(open(path, true)).rejects.toThrow(String(holder.pid));
  });

  it('openStateFolder takes over the lock of a process that is gone', async () => {
    const path = temporaryFolder();
    const holder = spawn(process.execPath, ['-e', '']);
    const { pid } = holder;
    await once(holder, 'exit');
    writeFileSync(join(path, 'lock'), String(pid));
    await expect(open(path)).resolves.toMatchObject({ path });
  });

  it('openStateFolder says so where a file stands in its place', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    await expect(open(path)).rejects.toThrow(/not a folder/);
  });
});

it('names the way out for any part of the state that cannot be read', async () => {
  const failing = readingState('table', async () => {
    throw new Error('corruption');
  });
  await expect(failing).rejects.toThrow(/table.*corruption.*--fresh/);
});
