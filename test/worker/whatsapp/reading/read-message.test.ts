import type { proto, WAMessage } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import { createPeople } from '../../../../worker/whatsapp/reading/people.ts';
import { readMessage } from '../../../../worker/whatsapp/reading/read-message.ts';
import { readReceipt } from '../../../../worker/whatsapp/reading/read-receipt.ts';

const me = { id: '6281111:7@s.whatsapp.net', lid: '100:7@lid' };
const message = (
  key: Partial<WAMessage['key']>,
  content: proto.IMessage,
  rest: Partial<WAMessage> = {},
): WAMessage => ({
  key: { id: 'ABC', fromMe: false, ...key },
  message: content,
  messageTimestamp: 1_700_000_000,
  ...rest,
});
const text = { conversation: 'Hi' };
const people = createPeople(() => ({
  me,
  lidOf: () => undefined,
  pnOf: () => undefined,
  namesOf: () => ({}),
  subjectOf: () => undefined,
}));
const reading = { me, people, offline: false, secretOf: () => undefined };
const read = (given: WAMessage) => readMessage(given, reading)?.event.data;

test.each([
  ['LID-addressed', { remoteJid: '200@lid', remoteJidAlt: '6282222@s.whatsapp.net' }],
  ['number-addressed', { remoteJid: '6282222@s.whatsapp.net', remoteJidAlt: '200@lid' }],
])('a %s message shows both names, and the same chat', (_how, key) => {
  expect(read(message(key, text, { pushName: 'Friend' }))).toMatchObject({
    chatId: '200@lid',
    from: '6282222@s.whatsapp.net',
    to: '6281111@s.whatsapp.net',
    phoneNumber: '+6282222',
    lid: '200@lid',
    pushName: 'Friend',
    timestamp: '2023-11-14T22:13:20.000Z',
  });
});

test('a hidden number is null, and the LID stands for the person', () => {
  expect(read(message({ remoteJid: '200@lid' }, text))).toMatchObject({
    chatId: '200@lid',
    from: '200@lid',
    phoneNumber: null,
  });
});

test('a group is its own chat, and the author is told', () => {
  const key = { remoteJid: '1234-5@g.us', participant: '200@lid', participantAlt: '6282222@s.whatsapp.net' };
  expect(read(message(key, text))).toMatchObject({
    chatId: '1234-5@g.us',
    isGroup: true,
    from: '6282222@s.whatsapp.net',
    to: '1234-5@g.us',
  });
});

test('what the phone itself wrote was sent by this account, to the other side', () => {
  const key = { remoteJid: '200@lid', remoteJidAlt: '6281111@s.whatsapp.net', fromMe: true };
  expect(readMessage(message(key, text), reading)?.event).toEqual({
    event: 'message_sent',
    data: {
      id: 'ABC',
      messageId: 'ABC',
      source: 'phone',
      chatId: '200@lid',
      from: '6281111@s.whatsapp.net',
      to: '200@lid',
      isGroup: false,
      chat: { id: '200@lid', kind: 'direct' },
      type: 'text',
      content: 'Hi',
      status: 'sent',
      timestamp: '2023-11-14T22:13:20.000Z',
    },
  });
});

test('what the phone itself says about a message is of this account', () => {
  const key = { remoteJid: '200@lid', fromMe: true };
  const reaction = { reactionMessage: { key: { id: 'M1' }, text: '👍' } };
  expect(readMessage(message(key, reaction), reading)?.event).toMatchObject({
    event: 'message_reaction',
    data: { fromMe: true, messageId: 'M1', emoji: '👍' },
  });
});

test.each<[string, string, string | null, proto.IMessage]>([
  ['a plain text', 'text', 'Hi', text],
  ['a text with context', 'text', 'Hi', { extendedTextMessage: { text: 'Hi' } }],
  ['a disappearing text', 'text', 'Hi', { ephemeralMessage: { message: text } }],
  ['a picture', 'image', 'Look', { imageMessage: { caption: 'Look', mimetype: 'image/png' } }],
  ['a voice note', 'audio', null, { audioMessage: { ptt: true, mimetype: 'audio/ogg; codecs=opus' } }],
  [
    'a document with caption',
    'document',
    'Hi',
    {
      documentWithCaptionMessage: { message: { documentMessage: { caption: 'Hi', fileName: 'a.pdf' } } },
    },
  ],
  ['a view-once video', 'video', null, { viewOnceMessageV2: { message: { videoMessage: {} } } }],
  ['a sticker', 'sticker', null, { stickerMessage: {} }],
  ['a location', 'location', '1.5,2.5', { locationMessage: { degreesLatitude: 1.5, degreesLongitude: 2.5 } }],
  ['a contact', 'contact', 'Ann', { contactMessage: { displayName: 'Ann' } }],
  ['a poll', 'poll', 'Lunch?', { pollCreationMessageV3: { name: 'Lunch?' } }],
])('%s is read', (_what, type, content, given) => {
  expect(read(message({ remoteJid: '200@lid' }, given))).toMatchObject({ type, content });
});

test('a file tells its kind, name and size, and its id is safe in a storage key', () => {
  const given = { documentMessage: { mimetype: 'application/pdf', fileName: 'a.pdf', fileLength: 12 } };
  const data = read(message({ remoteJid: '200@lid', id: '../../etc' }, given));
  expect(data).toMatchObject({ media: { mimetype: 'application/pdf', filename: 'a.pdf', sizeBytes: 12 } });
  expect((data as { media: { mediaId: string } }).media.mediaId).toMatch(/^d[0-9a-f]{32}$/);
});

test.each<[string, proto.IMessage]>([
  ['history', { protocolMessage: { historySyncNotification: {} } }],
  ['sender keys', { senderKeyDistributionMessage: { groupId: 'g' } }],
])('%s is no message to a person', (_what, content) => {
  expect(readMessage(message({ remoteJid: '200@lid' }, content), reading)).toBeUndefined();
});

const receipt = (attrs: Record<string, string>, items: string[] = []) =>
  readReceipt(
    {
      tag: 'receipt',
      attrs: { id: 'A', from: '200@lid', t: '1700000000', ...attrs },
      content: items.length
        ? [{ tag: 'list', attrs: {}, content: items.map((id) => ({ tag: 'item', attrs: { id } })) }]
        : undefined,
    },
    me,
  );

test.each<[Record<string, string>, string]>([
  [{}, 'delivered'],
  [{ type: 'inactive' }, 'delivered'],
  [{ type: 'read' }, 'read'],
  [{ type: 'played' }, 'played'],
  [{ from: '200:3@lid' }, 'delivered'],
])('a receipt %o means %s', (attrs, status) => {
  expect(receipt(attrs)).toMatchObject({
    messageIds: ['A'],
    status,
    chat: '200@lid',
  });
});

test('a receipt can tell of many messages', () => {
  expect(receipt({ type: 'read' }, ['B', 'C', 'A'])?.messageIds).toEqual(['A', 'B', 'C']);
});

test.each<Record<string, string>>([
  { type: 'retry' },
  { type: 'sender' },
  { type: 'read-self' },
  { type: 'hist_sync' },
  { type: 'read', from: '6281111:2@s.whatsapp.net', recipient: '200@lid' },
  { from: '1234-5@g.us', participant: '100:2@lid' },
])('a receipt %o says nothing about messages of ours', (attrs) => {
  expect(receipt(attrs)).toBeUndefined();
});
