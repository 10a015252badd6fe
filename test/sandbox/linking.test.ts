import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../../sandbox/signal/curve.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import { BaileysClient, type ClientOptions, type Closed } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
let sandbox: Sandbox;
const clients: BaileysClient[] = [];
const client = (options: ClientOptions = {}) => {
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

describe('linking by QR', () => {
  it('linking by QR links with one scan in the classic flow, and the client logs in', async () => {
    await sandbox.setOptions({ linking: 'classic' });
    const made = await client({ rotateSecret: false }).link(owner);
    expect(made.creds.me?.id).toBe(`${owner}:1@s.whatsapp.net`);
    // 812 were uploaded; the phone took one for its greeting.
    expect(await sandbox.devices(owner)).toMatchObject([{ device: 1, connected: true, oneTimePreKeys: 811 }]);
  });

  it('linking by QR links in the flow of 2026 once the client has rotated its secret', async () => {
    await client().link(owner);
    expect(await sandbox.devices(owner)).toHaveLength(1);
  });

  it('linking by QR does not link in the flow of 2026 when the client keeps its secret', async () => {
    const made = client({ rotateSecret: false });
    const shown = made.next<string>('qr');
    made.connect();
    const qr = await shown;
    expect(await sandbox.scan(owner, qr)).toEqual({ status: 'rescan' });
    await expect(sandbox.scan(owner, qr)).rejects.toThrow('was retired');
    expect(await sandbox.devices(owner)).toEqual([]);
  });

  it('linking by QR refuses a QR whose keys are not those of its client', async () => {
    const made = client();
    const shown = made.next<string>('qr');
    made.connect();
    const fields = (await shown).split(',');
    const other = Buffer.alloc(32, 7).toString('base64');
    const forged = (index: number) => fields.map((field, at) => (at === index ? other : field)).join(',');
    await expect(sandbox.scan(owner, forged(1))).rejects.toThrow('noise key');
    await expect(sandbox.scan(owner, forged(2))).rejects.toThrow('identity');
    await expect(sandbox.scan(owner, 'nonsense')).rejects.toThrow('not a linking QR');
  });

  it('linking by QR fails when the client holds another secret than the QR said', async () => {
    await sandbox.setOptions({ linking: 'classic' });
    const made = client({ rotateSecret: false });
    const shown = made.next<string>('qr');
    made.connect();
    const qr = await shown;
    made.creds.advSecretKey = Buffer.alloc(32, 9).toString('base64');
    await expect(sandbox.scan(owner, qr)).rejects.toThrow('went away before the link was confirmed');
    expect(await sandbox.devices(owner)).toEqual([]);
  });

  it('linking by QR links several devices to one account, each with its own number', async () => {
    await client().link(owner);
    const second = await client().link(owner);
    expect(second.creds.me?.id).toBe(`${owner}:2@s.whatsapp.net`);
    expect(await sandbox.devices(owner)).toHaveLength(2);
  });

  it('linking by QR tells the client when the account demands a passkey, and does not link', async () => {
    await sandbox.addFault({ kind: 'passkey', account: owner });
    const made = client();
    const shown = made.next<string>('qr');
    const sock = made.connect();
    const told = new Promise((resolve) =>
      sock.ws.on('CB:notification,type:passkey_prologue_request', resolve),
    );
    await expect(sandbox.scan(owner, await shown)).rejects.toThrow('demands a passkey');
    await told;
    expect(await sandbox.devices(owner)).toEqual([]);
  });

  it('linking by QR ends the stream when the QR codes have run out', async () => {
    await sandbox.close();
    sandbox = await startSandbox({ qrTtlMs: 300 });
    const made = client();
    const closed = made.next<Closed>('closed');
    made.connect();
    expect((await closed).statusCode).toBe(408);
  });
});

describe('linking by code', () => {
  async function requestCode(made: BaileysClient): Promise<string> {
    const shown = made.next('qr');
    made.connect();
    await shown;
    const answered = new Promise((resolve) => made.socket.ws.on('CB:iq', resolve));
    const code = await made.socket.requestPairingCode(owner);
    await answered;
    return code;
  }

  it('linking by code links when the phone enters the code that the client shows', async () => {
    const made = client();
    const opened = made.ready();
    const code = await requestCode(made);
    expect(await sandbox.enterCode(owner, `${code.slice(0, 4)}-${code.slice(4)}`)).toMatchObject({
      status: 'linked',
      device: 1,
    });
    await opened;
  });

  it('linking by code does not link with another code', async () => {
    await requestCode(client());
    await expect(sandbox.enterCode(owner, 'ABCDEFGH')).rejects.toThrow('The code is wrong');
    expect(await sandbox.devices(owner)).toEqual([]);
  });

  it('linking by code refuses a code for a number that is not on WhatsApp', async () => {
    const made = client();
    const shown = made.next('qr');
    made.connect();
    await shown;
    const answered = new Promise<{ attrs: Record<string, string> }>((resolve) =>
      made.socket.ws.on('CB:iq,type:error', resolve),
    );
    await made.socket.requestPairingCode('628999999999');
    expect((await answered).attrs['type']).toBe('error');
  });
});

describe('login', () => {
  it('login needs no QR the next time, and everything still works', async () => {
    const made = await client().link(owner);
    await made.close();
    await made.login();
    expect(await sandbox.connections()).toMatchObject([{ number: owner, device: 1, state: 'online' }]);
  });

  it('login is refused with 401 when the noise key is not the linked one', async () => {
    const made = await client().link(owner);
    await made.close();
    made.creds = { ...made.creds, noiseKey: generateKeyPair() };
    const closed = made.next<Closed>('closed');
    made.connect();
    expect((await closed).statusCode).toBe(401);
  });

  it('login is refused with 401 after the phone removed the device, whose connection ends with 401', async () => {
    const made = await client().link(owner);
    const ended = made.next<Closed>('closed');
    await sandbox.unlink(owner);
    expect((await ended).statusCode).toBe(401);
    const refused = made.next<Closed>('closed');
    made.connect();
    expect((await refused).statusCode).toBe(401);
  });

  it("takes a client's logout off the account", async () => {
    const made = await client().link(owner);
    await made.socket.logout();
    await expect.poll(async () => (await sandbox.devices(owner)).length).toBe(0);
  });

  it('login replaces the older connection of the same device with a conflict', async () => {
    const made = await client().link(owner);
    const older = made.socket;
    const replaced = new Promise((resolve) => older.ws.on('CB:stream:error,,conflict', resolve));
    await made.login();
    await replaced;
    await expect.poll(async () => (await sandbox.connections()).length).toBe(1);
  });
});
