import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import { BaileysClient, type Closed } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
const friend = '628222000002';
const friendJid = `${friend}@s.whatsapp.net`;
const waitMs = 60_000;
let sandbox: Sandbox;
let client: BaileysClient;

beforeEach(async () => {
  sandbox = await startSandbox({ seed: 'faults', linking: 'classic' });
  await sandbox.addAccount({ number: owner });
  await sandbox.addContact({ number: friend, name: 'Friend' });
  client = await new BaileysClient(sandbox).link(owner);
  await expect.poll(queued).toBe(0);
});
afterEach(async () => {
  await client.close();
  await sandbox.close();
});

const queued = async () => (await sandbox.devices(owner))[0]?.queued;
const closing = () => client.next<Closed>('closed');
type Node = { attrs: Record<string, string> };

describe('redelivery', () => {
  it('redelivery gives a message again, as offline traffic, when the client drops before it has acknowledged it', async () => {
    // The client gets the frame, and dies before it has done anything about it.
    client.socket.ws.removeAllListeners('CB:message');
    const arrived = new Promise((resolve) => client.socket.ws.on('CB:message', resolve));
    const { ids } = await sandbox.send(friend, { to: owner, text: 'once more' });
    await arrived;
    const closed = closing();
    await sandbox.addFault({ kind: 'drop', account: owner });
    await closed;
    expect((await sandbox.devices(owner))[0]?.queued).toBe(1);
    await client.login();
    expect((await client.message(ids[0] ?? '')).message?.conversation).toBe('once more');
    expect((await sandbox.counters())[owner]).toMatchObject({ redeliveries: 1, nacks: 0 });
    await expect.poll(queued).toBe(0);
  });

  it('redelivery keeps what arrives while the client is away, and hands it over in order', async () => {
    await client.close();
    const { ids } = await sandbox.send(friend, { to: owner, text: 'message {n}', count: 40 });
    expect((await sandbox.devices(owner))[0]?.queued).toBe(40);
    await client.login();
    await client.message(ids[39] ?? '');
    const order = client.received.map((message) => message.key.id).filter((id) => ids.includes(id ?? ''));
    expect(order).toEqual(ids);
    expect(
      (await sandbox.receipts(friend, { waitMs, count: 40, kind: 'delivered', device: 1 })).receipts,
    ).toHaveLength(40);
  });
});

describe('faults that strike at once', () => {
  it.each([
    ['drop', undefined, 428],
    ['close', undefined, 428],
    ['conflict', undefined, 440],
    ['stream-error', 503, 503],
    ['unlink', undefined, 401],
  ] as const)('%s (%s) ends the connection with %i', async (kind, code, statusCode) => {
    const closed = closing();
    await sandbox.addFault({ kind, account: owner, ...(code ? { code } : {}) });
    expect((await closed).statusCode).toBe(statusCode);
  });

  it('faults that strike at once deaf: nothing gets through until the client connects anew, and then everything comes', async () => {
    await sandbox.addFault({ kind: 'deaf', account: owner });
    const { ids } = await sandbox.send(friend, { to: owner, text: 'can you hear me?' });
    await expect(
      client.socket.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } }, 300),
    ).rejects.toThrow();
    expect(client.received.some((message) => message.key.id === ids[0])).toBe(false);
    await client.close();
    await client.login();
    expect((await client.message(ids[0] ?? '')).message?.conversation).toBe('can you hear me?');
  });

  it('faults that strike at once prekeys-low: the client uploads more one-time keys', async () => {
    await sandbox.addFault({ kind: 'prekeys-low', account: owner, count: 2 });
    await expect.poll(async () => (await sandbox.devices(owner))[0]?.oneTimePreKeys).toBe(7);
  });
});

describe('faults that lie in wait', () => {
  it('faults that lie in wait nack: the message is refused with 463, and nobody gets it', async () => {
    await sandbox.addFault({ kind: 'nack', account: owner, count: 1 });
    const refused = client.next<Node>('ack', (node) => node.attrs['error'] === '463');
    const { key } = await client.send(friendJid, { text: 'unwelcome' });
    expect((await refused).attrs['id']).toBe(key.id);
    await expect.poll(() => client.errors.has(key.id ?? '')).toBe(true);
    const { key: next } = await client.send(friendJid, { text: 'welcome' });
    const { messages } = await sandbox.inbox(friend, { waitMs, id: next.id ?? '' });
    expect(messages).toHaveLength(1);
    expect((await sandbox.inbox(friend)).messages.map((one) => one.text)).toEqual(['welcome']);
  });

  it('faults that lie in wait ack held: the message arrives, and its ack comes when the fault is cleared', async () => {
    await sandbox.addFault({ kind: 'ack', mode: 'held', account: owner, count: 1 });
    let acked = false;
    client.events.on('ack', () => {
      acked = true;
    });
    const { key } = await client.send(friendJid, { text: 'patience' });
    await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
    await client.status(key.id ?? '', 3);
    expect(acked).toBe(false);
    const ack = client.next<Node>('ack');
    await sandbox.clearFaults({ kind: 'ack' });
    expect((await ack).attrs['id']).toBe(key.id);
  });

  it.each([
    ['failure', 405],
    ['login-refused', 403],
  ] as const)('%s: the next login fails with %i, the one after works', async (kind, code) => {
    await client.close();
    await sandbox.addFault({ kind, account: owner, code, count: 1 });
    const closed = closing();
    client.connect();
    expect((await closed).statusCode).toBe(code);
    await client.login();
  });

  it('faults that lie in wait unreachable: not even a WebSocket comes about', async () => {
    await client.close();
    await sandbox.addFault({ kind: 'unreachable', count: 1 });
    const closed = closing();
    client.connect();
    expect((await closed).message).toContain('WebSocket Error');
    await client.login();
  });

  it('faults that lie in wait latency: stanzas come late, and in order', async () => {
    await sandbox.addFault({ kind: 'latency', account: owner, delayMs: 80 });
    const began = Date.now();
    const { ids } = await sandbox.send(friend, { to: owner, text: 'slow {n}', count: 3 });
    await client.message(ids[2] ?? '');
    expect(Date.now() - began).toBeGreaterThanOrEqual(80);
    const order = client.received.map((message) => message.key.id).filter((id) => ids.includes(id ?? ''));
    expect(order).toEqual(ids);
  });
});

describe('what people do', () => {
  it('what people do keeps a message undelivered while the phone is off, and delivers it afterwards', async () => {
    await sandbox.addContact({ number: friend, delivers: false });
    const { key } = await client.send(friendJid, { text: 'wake up' });
    expect((await sandbox.inbox(friend)).messages).toEqual([]);
    await sandbox.addContact({ number: friend, delivers: true });
    await client.status(key.id ?? '', 3);
    expect((await sandbox.inbox(friend, { waitMs })).messages).toMatchObject([{ text: 'wake up' }]);
  });

  it('what people do delivers without reading when the contact does not read', async () => {
    await sandbox.addContact({ number: friend, reads: false });
    const { key } = await client.send(friendJid, { text: 'ignored' });
    await client.status(key.id ?? '', 3);
    expect(client.statuses.get(key.id ?? '')).toBe(3);
  });

  it('what people do shows the author that the client has read', async () => {
    const { ids } = await sandbox.send(friend, { to: owner, text: 'read this' });
    const message = await client.message(ids[0] ?? '');
    await client.socket.readMessages([message.key]);
    const { receipts } = await sandbox.receipts(friend, { waitMs, kind: 'read' });
    expect(receipts).toMatchObject([{ id: ids[0], from: owner }]);
  });

  it('what people do knows who is on WhatsApp', async () => {
    await sandbox.addContact({ number: '628444000004', exists: false });
    expect(await client.socket.onWhatsApp(friend, '628444000004', '628555000005')).toEqual([
      { jid: friendJid, exists: true },
    ]);
  });

  it('what people do carries reactions, edits and revocations both ways', async () => {
    const { key } = await client.send(friendJid, { text: 'draft' });
    await client.send(friendJid, { react: { text: '👍', key } });
    await client.send(friendJid, { edit: key, text: 'final' });
    await client.send(friendJid, { delete: key });
    const { messages } = await sandbox.inbox(friend, { waitMs, count: 4 });
    expect(messages.map((one) => one.type)).toEqual(['text', 'reaction', 'edit', 'revoke']);
    expect(messages[2]).toMatchObject({ text: 'final', details: { messageId: key.id } });
    const { ids } = await sandbox.send(friend, {
      to: owner,
      reaction: { emoji: '❤️', messageId: key.id ?? '', fromMe: false },
    });
    expect((await client.message(ids[0] ?? '')).message?.reactionMessage?.text).toBe('❤️');
  });
});

describe('a message that cannot be read', () => {
  it('a message that cannot be read is asked for again by the phone, counted, and read the second time', async () => {
    const { key: first } = await client.send(friendJid, { text: 'fine' });
    await sandbox.inbox(friend, { waitMs, id: first.id ?? '' });
    // The client's sessions are damaged, as by a crash between sending and storing.
    for (const [name, value] of client.keys)
      if (name.startsWith('session|')) client.keys.set(name, damaged(value));
    const { key } = await client.send(friendJid, { text: 'broken' });
    const { messages } = await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
    expect(messages).toMatchObject([{ text: 'broken' }]);
    const counters = (await sandbox.counters())[friend];
    expect(counters?.decryptionFailures).toBeGreaterThan(0);
    expect(counters?.retriesSent).toBeGreaterThan(0);
  });

  it('a message that cannot be read is sent again to a client that lost its session', async () => {
    const { ids } = await sandbox.send(friend, { to: owner, text: 'hello' });
    await client.message(ids[0] ?? '');
    await client.send(friendJid, { text: 'now the session is settled' });
    await sandbox.inbox(friend, { waitMs });
    for (const name of client.keys.keys()) if (name.startsWith('session|')) client.keys.delete(name);
    const again = await sandbox.send(friend, { to: owner, text: 'still there?' });
    expect((await client.message(again.ids[0] ?? '')).message?.conversation).toBe('still there?');
    expect((await sandbox.counters())[friend]?.retriesReceived).toBeGreaterThan(0);
  });
});

/** A stored session whose sending chains have another key. */
function damaged(session: unknown): unknown {
  const text = JSON.stringify(session);
  const copy = JSON.parse(text) as {
    _sessions: Record<string, { _chains: Record<string, { chainKey: { key: string }; chainType: number }> }>;
  };
  for (const one of Object.values(copy._sessions))
    for (const chain of Object.values(one._chains))
      if (chain.chainType === 1) chain.chainKey.key = Buffer.alloc(32, 5).toString('base64');
  return copy;
}
