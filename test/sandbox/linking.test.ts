import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from './start-sandbox.ts';
import './testing/quiet-libsignal.ts';
import { BaileysClient } from './testing/baileys-client.ts';

const owner = '628111000001';

describe('linking by QR', () => {
  let sandbox: Sandbox;
  const clients: BaileysClient[] = [];
  const client = (options = {}) => {
    const made = new BaileysClient(sandbox, options);
    clients.push(made);
    return made;
  };

  beforeEach(async () => {
    sandbox = await startSandbox({ seed: 'linking' });
    await sandbox.addAccount({ number: owner, name: 'Owner' });
  });
  afterEach(async () => {
    for (const one of clients.splice(0)) await one.close();
    await sandbox.close();
  });

  it('links with one scan in the classic flow, and the client logs in', async () => {
    await sandbox.setOptions({ linking: 'classic' });
    const made = await client({ rotateSecret: false }).link(owner);
    expect(made.creds.me?.id).toBe(`${owner}:1@s.whatsapp.net`);
    expect(await sandbox.devices(owner)).toMatchObject([{ device: 1, connected: true, oneTimePreKeys: 811 }]);
  });

  it('links in the flow of 2026 once the client has rotated its secret', async () => {
    await client().link(owner);
    expect(await sandbox.devices(owner)).toHaveLength(1);
  });
});
