import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import { BaileysClient } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
const friend = '628222000002';
const waitMs = 60_000;

describe('a sandbox with a folder', () => {
  let dataDir: string;
  let sandbox: Sandbox;
  let client: BaileysClient;

  const start = () => startSandbox({ dataDir, linking: 'classic' });

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
    sandbox = await start();
    await sandbox.addAccount({ number: owner, name: 'Owner' });
    await sandbox.addContact({ number: friend, name: 'Friend', replies: 'thanks' });
    client = await new BaileysClient(sandbox).link(owner);
  });
  afterEach(async () => {
    await client.close();
    await sandbox.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function restart(): Promise<void> {
    await sandbox.close();
    sandbox = await start();
    client.sandbox = sandbox;
  }

  it('a sandbox with a folder keeps its keys, accounts, linked devices and sessions across a restart', async () => {
    // Answered before anything else is sent: Baileys' own store bears no two at once (`two-way-traffic.test.ts`).
    const thanked = client.next<{ message?: { conversation?: string } }>(
      'message',
      ({ message }) => message?.conversation === 'thanks',
    );
    const { key } = await client.send(`${friend}@s.whatsapp.net`, { text: 'before' });
    await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
    await thanked;
    const before = {
      trustRoot: sandbox.trustRoot,
      accounts: await sandbox.listAccounts(),
      ca: readFileSync(sandbox.caCertPath, 'utf8'),
    };
    await restart();
    expect(sandbox.trustRoot).toBe(before.trustRoot);
    expect(readFileSync(sandbox.caCertPath, 'utf8')).toBe(before.ca);
    expect(await sandbox.listAccounts()).toEqual(before.accounts);
    await client.login();
    const { key: after } = await client.send(`${friend}@s.whatsapp.net`, { text: 'after' });
    expect((await sandbox.inbox(friend, { waitMs, id: after.id ?? '' })).messages).toMatchObject([
      { text: 'after' },
    ]);
    expect((await sandbox.counters())[friend]?.decryptionFailures).toBe(0);
    expect((await sandbox.inbox(friend)).messages.map((one) => one.text)).toEqual(['before', 'after']);
  });

  it('a sandbox with a folder keeps what waits for a device that is away', async () => {
    await client.close();
    const { ids } = await sandbox.send(friend, { to: owner, text: 'waiting for you' });
    await restart();
    await client.login();
    expect((await client.message(ids[0] ?? '')).message?.conversation).toBe('waiting for you');
  });

  it('a sandbox with a folder keeps groups and media', async () => {
    const group = await sandbox.createGroup({ subject: 'Team', creator: friend, participants: [owner] });
    await sandbox.send(friend, { to: owner, media: { type: 'image', dataBase64: 'aGVsbG8=' } });
    await restart();
    expect(await sandbox.listGroups()).toEqual([group]);
  });

  it('a sandbox with a folder forgets everybody at a reset, also for the next start', async () => {
    await sandbox.reset();
    expect(await sandbox.listAccounts()).toEqual([]);
    await restart();
    expect(await sandbox.listAccounts()).toEqual([]);
  });

  it('a sandbox with a folder says which file is broken instead of starting with half a world', async () => {
    await sandbox.close();
    writeFileSync(join(dataDir, 'accounts', `${owner}.v8`), 'garbage');
    await expect(start()).rejects.toThrow(`${owner}.v8`);
    rmSync(join(dataDir, 'accounts', `${owner}.v8`));
    sandbox = await start();
  });
});
