import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { inflateSync } from 'node:zlib';
import { proto, type WAMessage } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWithSecret } from '../../sandbox/signal/message-secret.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import { BaileysClient } from '../../testing/sandbox/baileys-client.ts';
import { createTemporaryFile } from '../../worker/storage/temporary-file.ts';
import { fetchEncrypted } from '../../worker/whatsapp/media/fetch-encrypted.ts';
import '../../testing/sandbox/quiet-libsignal.ts';

const owner = '628111000001';
const friend = '628222000002';
const other = '628333000003';
const waitMs = 60_000;

describe('what phones send beside plain messages', () => {
  let sandbox: Sandbox;
  let client: BaileysClient;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'content', sealed: 'lid' });
    await sandbox.addAccount({ number: owner, name: 'Owner' });
    await sandbox.addContact({
      number: friend,
      name: 'Friend',
      username: 'friendly',
      business: 'Friend Ltd',
    });
    await sandbox.addContact({ number: other, name: 'Other' });
    client = await new BaileysClient(sandbox).link(owner);
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  /** The stanza that carries this message. */
  const stanzaOf = (id: string) =>
    new Promise<{ attrs: Record<string, string>; content: { tag: string; attrs: Record<string, string> }[] }>(
      (resolve) =>
        client.socket.ws.on('CB:message', (node) => {
          if (node.attrs.id === id) resolve(node);
        }),
    );

  it('a raw message arrives as it was given, whatever it is', async () => {
    const message = { locationMessage: { degreesLatitude: 1.5, degreesLongitude: 2.5, name: 'Here' } };
    const { ids } = await sandbox.send(friend, { to: owner, raw: { message } });
    const received = await client.message(ids[0] ?? '');
    expect(received.message?.locationMessage).toMatchObject(message.locationMessage);
    expect(received.message?.messageContextInfo).toBeNull();
  });

  it('bytes that are no message are decrypted and cannot be read, and the session survives them', async () => {
    const { ids } = await sandbox.send(friend, {
      to: owner,
      raw: { base64: Buffer.from([0x0a, 0xff, 0xff]).toString('base64') },
    });
    const { receipts } = await sandbox.receipts(friend, { waitMs, id: ids[0] ?? '', kind: 'retry' });
    expect(receipts[0]).toMatchObject({ device: 1 });
    const { ids: next } = await sandbox.send(friend, { to: owner, text: 'still here' });
    await client.message(next[0] ?? '');
    expect((await sandbox.counters())[owner]).toMatchObject({ decryptionFailures: 0 });
  });

  it('a raw stanza arrives as it was given', async () => {
    const attrs = { id: 'N1', type: 'sandbox-test', from: 's.whatsapp.net' };
    const arrived = new Promise((resolve) =>
      client.socket.ws.on('CB:notification,type:sandbox-test', resolve),
    );
    await sandbox.pushStanza(owner, {
      stanza: { tag: 'notification', attrs, content: [{ tag: 'child', content: { base64: 'AQI=' } }] },
    });
    expect(await arrived).toMatchObject({ content: [{ tag: 'child', content: Buffer.from([1, 2]) }] });
  });

  it('an edit comes sealed with the secret of its original', async () => {
    const { ids } = await sandbox.send(friend, { to: owner, text: 'first' });
    const original = await client.message(ids[0] ?? '');
    const { ids: edits } = await sandbox.send(friend, {
      to: owner,
      edit: { messageId: ids[0] ?? '', text: 'second' },
    });
    const edit = (await client.message(edits[0] ?? '')).message?.secretEncryptedMessage;
    const lid = (await sandbox.listAccounts()).find(({ number }) => number === friend)?.lid ?? '';
    const context = {
      secret: original.message?.messageContextInfo?.messageSecret ?? Buffer.alloc(0),
      use: 'Message Edit' as const,
      originalId: ids[0] ?? '',
      originalSender: lid,
      modifier: lid,
    };
    const inner = proto.Message.decode(
      openWithSecret(context, edit?.encPayload ?? Buffer.alloc(0), edit?.encIv ?? Buffer.alloc(0)),
    );
    expect(inner.protocolMessage?.editedMessage?.conversation).toBe('second');
  });

  it('a vote in a poll of the linked device is opened by its own phone', async () => {
    const poll = { name: 'Lunch?', values: ['Soto', 'Rendang'], selectableCount: 1 };
    const { key } = await client.send(`${friend}@s.whatsapp.net`, { poll });
    const messageId = key.id ?? '';
    await sandbox.inbox(friend, { waitMs, id: messageId });
    await sandbox.inbox(owner, { waitMs, id: messageId, own: true });
    const { ids } = await sandbox.send(friend, {
      to: owner,
      vote: { messageId, options: ['Rendang'], from: owner },
    });
    const { messages } = await sandbox.inbox(owner, { waitMs, id: ids[0] ?? '' });
    expect(messages[0]).toMatchObject({ type: 'vote', details: { messageId, options: ['Rendang'] } });
    expect((await client.message(ids[0] ?? '')).message?.pollUpdateMessage?.vote?.encIv).toHaveLength(12);
  });

  it('a company and a user name stand in the stanza', async () => {
    const arrived = stanzaOf('WHO');
    await sandbox.send(friend, { to: owner, text: 'hi', id: 'WHO' });
    const { attrs, content } = await arrived;
    expect(attrs).toMatchObject({ verified_name: 'Friend Ltd', sender_username: 'friendly' });
    expect(content.map(({ tag }) => tag)).toContain('verified_name');
  });

  it('a message with only a LID does not say the number', async () => {
    const arrived = stanzaOf('ONLY-LID');
    await sandbox.send(friend, { to: owner, text: 'hi', id: 'ONLY-LID', onlyLid: true });
    const { attrs } = await arrived;
    expect(attrs['from']).toMatch(/@lid$/);
    expect(JSON.stringify(attrs)).not.toContain(friend);
  });

  it('a view-once message reaches linked devices as a placeholder, and phones whole', async () => {
    const arrived = stanzaOf('ONCE');
    await sandbox.send(friend, { to: owner, text: 'secret', id: 'ONCE', withheld: 'view_once' });
    expect((await arrived).content.at(-1)).toMatchObject({
      tag: 'unavailable',
      attrs: { type: 'view_once' },
    });
    const { messages } = await sandbox.inbox(owner, { waitMs, id: 'ONCE' });
    expect(messages[0]).toMatchObject({ text: 'secret' });
  });

  it('a message that only phones were given comes from the own phone when it is asked for', async () => {
    await sandbox.send(friend, { to: owner, text: 'ask my phone', id: 'ABSENT', withheld: 'absent' });
    expect((await client.message('ABSENT')).message?.conversation).toBe('ask my phone');
  });

  it('a broadcast list, a status post and a channel arrive under their own names', async () => {
    await sandbox.send(friend, {
      to: '17000@broadcast',
      recipients: [owner, other],
      text: 'all',
      id: 'LIST',
    });
    await sandbox.send(friend, { to: 'status@broadcast', recipients: [owner], text: 'today', id: 'STATUS' });
    const channel = await sandbox.createChannel({ name: 'News', followers: [owner] });
    await sandbox.post(channel.id, { text: 'news', id: 'POST' });
    expect((await client.message('LIST')).key).toMatchObject({ remoteJid: '17000@broadcast' });
    expect((await client.message('STATUS')).key.participant).toMatch(/@lid$/);
    expect((await client.message('POST')).key).toMatchObject({ remoteJid: channel.id, server_id: '101' });
    const { messages } = await sandbox.inbox(other, { waitMs, id: 'LIST' });
    expect(messages[0]).toMatchObject({ chat: friend, text: 'all' });
  });

  it('a timer is told, and stands in the messages that follow on both sides', async () => {
    const { ids } = await sandbox.setTimer(friend, { to: owner, seconds: 86_400 });
    const told = await client.message(ids[0] ?? '');
    expect(told.message?.protocolMessage).toMatchObject({ ephemeralExpiration: 86_400 });
    const { ids: next } = await sandbox.send(friend, { to: owner, text: 'gone tomorrow' });
    const { extendedTextMessage } = (await client.message(next[0] ?? '')).message ?? {};
    expect(extendedTextMessage?.contextInfo?.expiration).toBe(86_400);
    await sandbox.setTimer(friend, { to: owner, seconds: 0 });
  });

  it('a file that the media host has forgotten is uploaded again by the own phone', async () => {
    const media = { type: 'document' as const, dataBase64: Buffer.from('%PDF').toString('base64') };
    const { ids } = await sandbox.send(friend, { to: owner, media });
    const message = await client.message(ids[0] ?? '');
    await sandbox.inbox(owner, { waitMs, id: ids[0] ?? '' });
    const { directPath } = await sandbox.forgetMedia(owner, { chat: friend, messageId: ids[0] ?? '' });
    expect((await download(directPath)).status).toBe(404);
    const again = await client.socket.updateMediaMessage(message);
    const path = again.message?.documentMessage?.directPath ?? '';
    expect(path).not.toBe(directPath);
    expect((await download(path)).status).toBe(200);
  });

  it('the media host fails as it is told to', async () => {
    const media = { type: 'image' as const, dataBase64: Buffer.from('picture').toString('base64') };
    const { ids } = await sandbox.send(friend, { to: owner, media });
    const path = (await client.message(ids[0] ?? '')).message?.imageMessage?.directPath ?? '';
    await sandbox.addFault({ kind: 'media-download-fails', code: 403, count: 1 });
    expect((await download(path)).status).toBe(403);
    expect((await download(path)).status).toBe(200);
  });

  const download = (path: string): Promise<{ status: number }> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ rejectUnauthorized: false });
      request(`${sandbox.mediaUrl}${path}`, { agent }, (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0 });
      })
        .on('error', reject)
        .end();
    });
});

describe('history before the link', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'past' });
    await sandbox.addAccount({ number: owner, name: 'Owner' });
    await sandbox.addContact({ number: friend, name: 'Friend' });
    const messages = [
      { from: friend, text: 'theirs {n}', at: 1_780_000_000 },
      { from: owner, text: 'ours {n}', at: 1_780_000_030 },
    ];
    await sandbox.addPast(owner, { chat: friend, messages, count: 700 });
  });
  afterAll(async () => sandbox.close());

  /** The notifications of a link's history, and the messages of each part that the media host has. */
  const linked = async (syncFullHistory: boolean) => {
    const { FULL, RECENT } = proto.HistorySync.HistorySyncType;
    const client = new BaileysClient(sandbox, {
      // Baileys itself would look for the other parts at WhatsApp's own hosts.
      config: { syncFullHistory, shouldSyncHistoryMessage: ({ directPath }) => !directPath },
    });
    const parts: WAMessage[][] = [];
    const last = client.next<WAMessage>('message', (message) => {
      const notification = message.message?.protocolMessage?.historySyncNotification;
      return notification?.syncType === (syncFullHistory ? FULL : RECENT) && notification.progress === 100;
    });
    await client.link(owner);
    await last;
    for (const { message } of client.received) {
      const notification = message?.protocolMessage?.historySyncNotification;
      if (notification) parts.push(await messagesOf(notification));
    }
    return { client, parts };
  };

  const fetched = async (url: string, mediaKey: Uint8Array): Promise<Buffer> => {
    const { path, remove } = await createTemporaryFile();
    const agent = new Agent({ rejectUnauthorized: false });
    const limits = { maxBytes: 1e7, signal: AbortSignal.timeout(waitMs), agent };
    await fetchEncrypted({ url, mediaKey, type: 'md-msg-hist' }, { path, ...limits });
    return await readFile(path).finally(remove);
  };

  const messagesOf = async (notification: proto.Message.IHistorySyncNotification): Promise<WAMessage[]> => {
    const { initialHistBootstrapInlinePayload: inline, mediaKey, directPath } = notification;
    const payload = inline?.length
      ? inline
      : await fetched(`${sandbox.mediaUrl}${directPath}`, mediaKey ?? Buffer.alloc(0));
    const { conversations } = proto.HistorySync.decode(inflateSync(payload));
    return conversations.flatMap(({ messages }) =>
      (messages ?? []).map(({ message }) => message as WAMessage),
    );
  };

  it('gives a device the recent messages of its phone, and all of them when it asks for them', async () => {
    const recent = await linked(false);
    expect(recent.parts.flat()).toHaveLength(1_020);
    await recent.client.close();
    const full = await linked(true);
    const ids = new Set(full.parts.flat().map(({ key }) => key.id));
    expect(ids.size).toBe(1_400);
    await full.client.close();
  });

  it('gives a device older messages of a chat when it asks for them', async () => {
    const { client, parts } = await linked(false);
    const oldest = parts
      .flat()
      .toSorted((a, b) => Number(a.messageTimestamp) - Number(b.messageTimestamp))[0];
    const { ON_DEMAND } = proto.HistorySync.HistorySyncType;
    const answered = client.next<WAMessage>(
      'message',
      ({ message }) => message?.protocolMessage?.historySyncNotification?.syncType === ON_DEMAND,
    );
    const at = Number(oldest?.messageTimestamp);
    const asked = await client.socket.fetchMessageHistory(10, oldest?.key ?? {}, at * 1000);
    const notification = (await answered).message?.protocolMessage?.historySyncNotification ?? {};
    expect(notification.peerDataRequestSessionId).toBe(asked);
    const older = await messagesOf(notification);
    expect(older).toHaveLength(10);
    for (const { messageTimestamp } of older) expect(Number(messageTimestamp)).toBeLessThan(at);
    await client.close();
  });
});
