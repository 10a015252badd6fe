import { EventEmitter } from 'node:events';
import type { BinaryNode, proto, WASocket } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import { NOBODY } from '../../../../worker/whatsapp/reading/people.ts';
import { type Incoming, watchIncoming } from '../../../../worker/whatsapp/reading/watch-incoming.ts';
import { createSocketCaches } from '../../../../worker/whatsapp/socket/socket-caches.ts';

const ME = { id: '62811:1@s.whatsapp.net', lid: '99:1@lid' };
const FRIEND = '62822@s.whatsapp.net';

const stanza = (id: string, offline: boolean): BinaryNode => ({
  tag: 'message',
  attrs: { id, from: FRIEND, t: '1700000000', type: 'text', ...(offline ? { offline: '1' } : {}) },
  content: [],
});

/** Baileys, as far as it is listened to: it remembers a message between decrypting it and its receipt. */
function createSocket() {
  const remembered: string[] = [];
  const retries = {
    addRecentMessage: (_to: string, id: string, _content: proto.IMessage) => void remembered.push(id),
  };
  const socket = { ws: new EventEmitter(), ev: new EventEmitter(), messageRetryManager: retries };
  const decrypt = (id: string) => retries.addRecentMessage(FRIEND, id, { conversation: `text of ${id}` });
  return { socket: socket as unknown as WASocket, ws: socket.ws, decrypt, remembered };
}

function watch(socket: WASocket): Incoming['event'][] {
  const told: Incoming['event'][] = [];
  watchIncoming(
    socket,
    { account: () => ME, people: NOBODY, secretOf: () => undefined },
    createSocketCaches(),
    ({ event }) => told.push(event),
  );
  return told;
}

test('each of thousands that waited is told of before its receipt can leave', () => {
  const { socket, ws, decrypt } = createSocket();
  const told = watch(socket);
  const ids = Array.from({ length: 3_000 }, (_, n) => `IN-${n}`);
  for (const id of ids) ws.emit('CB:message', stanza(id, true));
  for (const [at, id] of ids.entries()) {
    decrypt(id);
    // Baileys sends the receipt now.
    expect(told.length).toBe(at + 1);
  }
  expect(told.map(({ data }) => data.id)).toEqual(ids);
});

test('nothing that was told of is kept for retries, which the journal answers', () => {
  const { socket, ws, decrypt, remembered } = createSocket();
  watch(socket);
  ws.emit('CB:message', stanza('IN-1', false));
  decrypt('IN-1');
  expect(remembered).toEqual([]);
});

test('a client that shows no message before its receipt leaves is not listened to at all', () => {
  const { socket } = createSocket();
  const without = { ...socket, messageRetryManager: null } as unknown as WASocket;
  expect(() => watch(without)).toThrow(/before its receipt/);
});

test('what nobody can read does not keep those after it from being told of', () => {
  const { socket, ws, decrypt } = createSocket();
  const told = watch(socket);
  for (const id of ['A', 'B', 'A', 'C']) ws.emit('CB:message', stanza(id, false));
  decrypt('B');
  // Asked for once more.
  decrypt('A');
  decrypt('C');
  expect(told.map(({ data }) => data.id)).toEqual(['B', 'A', 'C']);
});

test('a message that comes in plain counts as what it was when it arrived', () => {
  const { socket, ws } = createSocket();
  const told = watch(socket);
  for (const offline of [true, false]) {
    const id = offline ? 'A' : 'B';
    ws.emit('CB:message', stanza(id, offline));
    const key = { id, remoteJid: '120363000000000001@newsletter', fromMe: false };
    const messages = [{ key, messageTimestamp: 1_700_000_000, message: { conversation: 'news' } }];
    // To Baileys, both waited.
    socket.ev.emit('messages.upsert', { messages, type: 'append' });
  }
  expect(told.map(({ data }) => data)).toMatchObject([{ offline: true }, { offline: false }]);
});

test('a message that arrives while others wait is handled after them, and counts as one that arrived just now', () => {
  const { socket, ws, decrypt } = createSocket();
  const told = watch(socket);
  const [waited, fresh] = [stanza('A', true), stanza('B', false)];
  ws.emit('CB:message', waited);
  ws.emit('CB:message', fresh);
  // By this attribute Baileys puts it into the same line (`offline-node-processor.js`).
  expect(fresh.attrs['offline']).toBeDefined();
  decrypt('A');
  decrypt('B');
  expect(told.map(({ data }) => data)).toMatchObject([{ offline: true }, { offline: false }]);
});
