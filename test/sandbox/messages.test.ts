import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import type { Addressing } from '../../sandbox/verbs.ts';
import { BaileysClient } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
const friend = '628222000002';
const waitMs = 60_000;

describe.each<Addressing>(['lid', 'pn'])('text with %s addressing', (addressing) => {
  let sandbox: Sandbox;
  let client: BaileysClient;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'messages', addressing });
    await sandbox.addAccount({ number: owner, name: 'Owner' });
    await sandbox.addContact({ number: friend, name: 'Friend' });
    client = await new BaileysClient(sandbox).link(owner);
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  it("reaches a contact, who decrypts it, and the owner's phone gets its copy", async () => {
    const { key } = await client.send(`${friend}@s.whatsapp.net`, { text: 'hello' });
    const { messages } = await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
    expect(messages).toMatchObject([{ from: owner, type: 'text', text: 'hello', viaDevice: 1, chat: owner }]);
    const copies = await sandbox.inbox(owner, { waitMs, id: key.id ?? '', own: true });
    expect(copies.messages).toMatchObject([{ fromMe: true, text: 'hello', chat: friend }]);
  });

  it('comes back delivered and read', async () => {
    const { key } = await client.send(`${friend}@s.whatsapp.net`, { text: 'read me' });
    await client.status(key.id ?? '', 4);
  });

  it('reaches the client from a contact, and the contact sees it delivered', async () => {
    const { ids } = await sandbox.send(friend, { to: owner, text: 'hi there' });
    const id = ids[0] ?? '';
    const message = await client.message(id);
    expect(message.message?.conversation).toBe('hi there');
    expect(message.key.remoteJid).toMatch(addressing === 'lid' ? /@lid$/ : /@s\.whatsapp\.net$/);
    expect(message.pushName).toBe('Friend');
    const { receipts } = await sandbox.receipts(friend, { waitMs, id });
    expect(receipts).toMatchObject([{ kind: 'delivered', from: owner, device: 0 }]);
  });

  it('goes back and forth many times without a failure', async () => {
    for (let round = 1; round <= 10; round++) {
      const { ids } = await sandbox.send(friend, { to: owner, text: `ping ${round}` });
      await client.message(ids[0] ?? '');
      const { key } = await client.send(`${friend}@s.whatsapp.net`, { text: `pong ${round}` });
      await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
    }
    const counters = await sandbox.counters();
    expect(counters[friend]).toMatchObject({ decryptionFailures: 0, duplicates: 0 });
    expect(counters[owner]).toMatchObject({ decryptionFailures: 0, nacks: 0, redeliveries: 0 });
  });

  it('carries what the owner writes on the phone to the client', async () => {
    const { ids } = await sandbox.send(owner, { to: friend, text: 'from my phone' });
    const message = await client.message(ids[0] ?? '');
    expect(message.key.fromMe).toBe(true);
    expect(message.message?.conversation).toBe('from my phone');
  });

  it('is answered by a contact that echoes', async () => {
    await sandbox.addContact({ number: '628333000003', replies: 'echo' });
    const reply = client.next<{ message?: { conversation?: string } }>(
      'message',
      (message) => message.message?.conversation === 'are you there?',
    );
    await client.send('628333000003@s.whatsapp.net', { text: 'are you there?' });
    await reply;
  });

  // Last: Baileys' own store does not survive it unharmed.
  it('reaches the client late, after a message of a Signal session that was begun since', async () => {
    const arrived: string[] = [];
    client.socket.ws.on('CB:message', ({ attrs }: { attrs: { id: string } }) => arrived.push(attrs.id));
    const { ids: late } = await sandbox.send(friend, { to: owner, text: 'late', late: true });
    const { ids: next } = await sandbox.send(friend, { to: owner, text: 'next', newSession: true });
    for (const [id, text] of [
      [late[0] ?? '', 'late'],
      [next[0] ?? '', 'next'],
    ] as const)
      expect((await client.message(id)).message?.conversation).toBe(text);
    expect(arrived).toEqual([...next, ...late]);
  });
});

describe('strictness', () => {
  let sandbox: Sandbox;
  let client: BaileysClient;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'strict', linking: 'classic' });
    await sandbox.addAccount({ number: owner });
    await sandbox.addContact({ number: friend });
    client = await new BaileysClient(sandbox).link(owner);
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  it('strictness lets two linked clients talk, their own phones listening in', async () => {
    await sandbox.addAccount({ number: '628444000004' });
    const other = await new BaileysClient(sandbox).link('628444000004');
    const { key } = await client.send('628444000004@s.whatsapp.net', { text: 'from one' });
    expect((await other.message(key.id ?? '')).message?.extendedTextMessage?.text).toBe('from one');
    await client.status(key.id ?? '', 3);
    const answer = await other.send(`${owner}@s.whatsapp.net`, { text: 'from the other' });
    await client.message(answer.key.id ?? '');
    const { messages } = await sandbox.inbox('628444000004', { waitMs, id: key.id ?? '' });
    expect(messages).toMatchObject([{ text: 'from one', viaDevice: 1 }]);
    await other.close();
  });

  it('strictness hands each one-time key out once', async () => {
    const left = async () => (await sandbox.devices(owner))[0]?.oneTimePreKeys ?? 0;
    const before = await left();
    await sandbox.addContact({ number: '628555000005' });
    await sandbox.addContact({ number: '628666000006' });
    await sandbox.send('628555000005', { to: owner, text: 'one' });
    await sandbox.send('628666000006', { to: owner, text: 'two' });
    await sandbox.send('628666000006', { to: owner, text: 'three' });
    expect(await left()).toBe(before - 2);
  });

  it('strictness tells the client that its device list is out of date when another device was linked', async () => {
    await client.send(`${friend}@s.whatsapp.net`, { text: 'the list is cached now' });
    await sandbox.inbox(friend, { waitMs });
    const told = new Promise((resolve) => client.socket.ws.on('CB:notification,type:devices', resolve));
    const second = await new BaileysClient(sandbox).link(friend);
    await told;
    const { key } = await client.send(`${friend}@s.whatsapp.net`, { text: 'to both of you' });
    expect((await second.message(key.id ?? '')).message?.extendedTextMessage?.text).toBe('to both of you');
    await second.close();
  });

  it("does not believe a linked device that cannot show the account's signature", async () => {
    await sandbox.addContact({ number: '628777000007', reads: false });
    const { account } = client.creds;
    client.creds.account = { ...account, accountSignature: Buffer.alloc(64, 1) };
    const { key } = await client.send('628777000007@s.whatsapp.net', { text: 'trust me' });
    const counted = async () => (await sandbox.counters())['628777000007']?.decryptionFailures ?? 0;
    await expect.poll(counted).toBeGreaterThan(0);
    expect((await sandbox.inbox('628777000007', { id: key.id ?? '' })).messages).toEqual([]);
    client.creds.account = account;
  });
});
