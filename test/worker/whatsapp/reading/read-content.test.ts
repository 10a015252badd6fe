import { proto } from '@whiskeysockets/baileys';
import { describe, expect, test } from 'vitest';
import { CONTENT_TYPES, MessageContent } from '../../../../shared/messages/model/message-content.ts';
import { CONTENT_KINDS, type ContentKey } from '../../../../worker/whatsapp/reading/content/content-kinds.ts';
import { createPeople } from '../../../../worker/whatsapp/reading/people.ts';
import { readContent } from '../../../../worker/whatsapp/reading/read-content.ts';

const KEYS = Object.keys(proto.Message.create().constructor.prototype).filter(
  (key) => key !== 'toJSON' && key !== 'constructor',
);

const people = createPeople(() => ({
  me: { id: '6281111:7@s.whatsapp.net', lid: '100:7@lid' },
  lidOf: (jid) => (jid === '6282222@s.whatsapp.net' ? '200@lid' : undefined),
  pnOf: (lid) => (lid === '200@lid' ? '6282222@s.whatsapp.net' : undefined),
  namesOf: () => ({}),
  subjectOf: () => undefined,
}));
const read = (message: proto.IMessage) =>
  readContent(message, { mediaId: (type) => `made-for-${type}`, people, chatJid: '200@lid' });

/** As it comes over the wire. */
const sent = (message: proto.IMessage) =>
  proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());

describe('the fields of WhatsApp’s message', () => {
  test('are all known, and there are no others', () => {
    expect(KEYS.length).toBeGreaterThan(90);
    expect(KEYS.toSorted()).toEqual(Object.keys(CONTENT_KINDS).toSorted());
  });

  test.each(KEYS)('%s is told of, or is listed as protocol, or says something of another message', (key) => {
    const kind = CONTENT_KINDS[key as ContentKey];
    const message = { [key]: key === 'conversation' ? 'Hi' : {} } as proto.IMessage;
    const said = read(sent(message));
    if (kind === 'protocol' || key === 'protocolMessage') expect(said).toBeUndefined();
    else expect(MessageContent.safeParse(said).error).toBeUndefined();
    // One that does not say which message it is about is told of by its name.
    if (kind === 'wrapper' || (kind === 'about' && key !== 'protocolMessage'))
      expect(said).toMatchObject({ type: 'unsupported', unsupported: { kind: key } });
  });

  test('that a later release of WhatsApp adds are told of as unknown', () => {
    const future = Buffer.from([0xfa, 0x3f, 0x02, 0x08, 0x01]);
    expect(read(proto.Message.decode(future))).toMatchObject({
      type: 'unsupported',
      unsupported: { kind: 'unknown' },
    });
  });
});

const CONTEXT = { stanzaId: 'Q1', participant: '200@lid', quotedMessage: { conversation: 'Which?' } };

test.each<[string, proto.IMessage, object]>([
  [
    'a template with only a hydrated text',
    { templateMessage: { hydratedTemplate: { hydratedContentText: 'Your code is 1234' } } },
    {
      type: 'template',
      content: 'Your code is 1234',
      interactive: { body: 'Your code is 1234', buttons: [] },
    },
  ],
  [
    'a template with a document, buttons and a footer',
    {
      templateMessage: {
        hydratedFourRowTemplate: {
          documentMessage: { fileName: 'bill.pdf', mimetype: 'application/pdf' },
          hydratedContentText: 'Your bill',
          hydratedFooterText: 'Shop',
          hydratedButtons: [
            { quickReplyButton: { displayText: 'Paid', id: 'paid' } },
            { urlButton: { displayText: 'Open', url: 'https://example.com' } },
            { callButton: { displayText: 'Call', phoneNumber: '+6281' } },
          ],
        },
      },
    },
    {
      type: 'template',
      media: { filename: 'bill.pdf', mediaId: 'made-for-document' },
      interactive: {
        footer: 'Shop',
        buttons: [
          { kind: 'reply', text: 'Paid', id: 'paid' },
          { kind: 'url', text: 'Open', url: 'https://example.com' },
          { kind: 'call', text: 'Call', phoneNumber: '+6281' },
        ],
      },
    },
  ],
  [
    'a reply to a button that has only an id',
    { buttonsResponseMessage: { selectedButtonId: 'size-xl', contextInfo: CONTEXT } },
    {
      type: 'reply',
      content: 'size-xl',
      reply: { kind: 'button', id: 'size-xl' },
      quotedMessageId: 'Q1',
      quoted: {
        messageId: 'Q1',
        from: '6282222@s.whatsapp.net',
        fromMe: false,
        type: 'text',
        content: 'Which?',
      },
    },
  ],
  [
    'a reply to a list',
    {
      listResponseMessage: {
        title: 'Large',
        description: 'L',
        singleSelectReply: { selectedRowId: 'row-2' },
      },
    },
    {
      type: 'reply',
      content: 'Large',
      reply: { kind: 'list', id: 'row-2', title: 'Large', description: 'L' },
    },
  ],
  [
    'a form that was filled in',
    {
      interactiveResponseMessage: {
        body: { text: 'Sent' },
        nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"name":"Ann","n":2}' },
      },
    },
    {
      type: 'reply',
      content: 'Sent',
      reply: { kind: 'flow', id: 'flow', parameters: { name: 'Ann', n: 2 } },
    },
  ],
  [
    'an interactive message with a picture and native flows',
    {
      interactiveMessage: {
        header: { title: 'Sale', imageMessage: { mimetype: 'image/png' } },
        body: { text: 'Buy' },
        footer: { text: 'Now' },
        nativeFlowMessage: {
          buttons: [
            { name: 'cta_url', buttonParamsJson: '{"display_text":"Go","url":"https://example.com"}' },
          ],
        },
      },
    },
    {
      type: 'interactive',
      content: 'Buy',
      media: { mimetype: 'image/png' },
      interactive: { title: 'Sale', buttons: [{ kind: 'url', text: 'Go', url: 'https://example.com' }] },
    },
  ],
  [
    'two contact cards with three numbers',
    {
      contactsArrayMessage: {
        displayName: '2 contacts',
        contacts: [
          {
            displayName: 'Ann',
            vcard:
              'BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nORG:Shop;\nitem1.TEL;waid=6281111111111:+62 811-1111-1111\nTEL;type=WORK:+1 (555) 0100\nEND:VCARD',
          },
          {
            displayName: 'Ben',
            vcard: 'BEGIN:VCARD\r\nFN:Ben\r\nTEL;type=CELL;waid=62822222\r\n 22222:+62\r\nEND:VCARD',
          },
        ],
      },
    },
    {
      type: 'contact',
      content: '2 contacts',
      contacts: [
        {
          name: 'Ann',
          phoneNumbers: [
            { phoneNumber: '+6281111111111', jid: '6281111111111@s.whatsapp.net' },
            { phoneNumber: '+15550100', label: 'work' },
          ],
        },
        { name: 'Ben', phoneNumbers: [{ phoneNumber: '+6282222222222' }] },
      ],
    },
  ],
  [
    'a document whose name stands in its title',
    {
      documentWithCaptionMessage: {
        message: { documentMessage: { title: 'a.pdf', pageCount: 3, caption: 'See' } },
      },
    },
    { type: 'document', content: 'See', media: { filename: 'a.pdf', pages: 3 } },
  ],
  [
    'a voice note',
    { audioMessage: { ptt: true, seconds: 3, waveform: new Uint8Array([1, 2, 3]) } },
    { type: 'audio', media: { voice: true, seconds: 3, waveform: [1, 2, 3] } },
  ],
  ['an audio file', { audioMessage: { seconds: 3 } }, { type: 'audio', media: { voice: false, seconds: 3 } }],
  ['a video note', { ptvMessage: { seconds: 5 } }, { type: 'video', media: { videoNote: true, seconds: 5 } }],
  [
    'a GIF',
    { videoMessage: { gifPlayback: true, width: 8, height: 6 } },
    { media: { gif: true, widthPx: 8, heightPx: 6 } },
  ],
  [
    'a live location',
    {
      liveLocationMessage: {
        degreesLatitude: 1.5,
        degreesLongitude: 2.5,
        accuracyInMeters: 9,
        caption: 'On my way',
      },
    },
    {
      type: 'location',
      content: '1.5,2.5',
      location: { live: true, accuracyMeters: 9, caption: 'On my way' },
    },
  ],
  [
    'a poll',
    {
      pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'Soto' }], selectableOptionsCount: 1 },
    },
    { type: 'poll', content: 'Lunch?', poll: { question: 'Lunch?', options: ['Soto'], selectableCount: 1 } },
  ],
  [
    'an event',
    {
      eventMessage: { name: 'Party', startTime: 1_780_000_000, location: { name: 'Here' }, isCanceled: true },
    },
    {
      type: 'event',
      event: {
        name: 'Party',
        startsAt: '2026-05-28T20:26:40.000Z',
        location: { name: 'Here' },
        cancelled: true,
      },
    },
  ],
  [
    'an order',
    {
      orderMessage: {
        orderId: 'O1',
        itemCount: 2,
        totalAmount1000: 15_500,
        totalCurrencyCode: 'IDR',
        token: 't',
      },
    },
    {
      type: 'order',
      order: { orderId: 'O1', itemCount: 2, total: { amount: 15.5, currency: 'IDR' }, token: 't' },
    },
  ],
  [
    'an invitation into a group',
    { groupInviteMessage: { groupJid: '1@g.us', inviteCode: 'x', groupName: 'Team' } },
    { type: 'group_invite', content: 'Team', groupInvite: { groupId: '1@g.us', code: 'x', name: 'Team' } },
  ],
  [
    'a missed call',
    { callLogMesssage: { isVideo: true, callOutcome: 1 } },
    { type: 'call', call: { video: true, outcome: 'missed' } },
  ],
  [
    'a pinned message',
    { pinInChatMessage: { key: { id: 'M1' }, type: 1 } },
    { type: 'pin', pin: { messageId: 'M1', action: 'pin' } },
  ],
])('%s arrives with all that it says', (_what, message, expected) => {
  const said = read(sent(message));
  expect(said).toMatchObject(expected);
  expect(MessageContent.safeParse(said).error).toBeUndefined();
});

test('a message names whom it mentions, that it was forwarded often, when it disappears and which ad led to it', () => {
  const contextInfo = {
    mentionedJid: ['100@lid', '6282222@s.whatsapp.net'],
    isForwarded: true,
    forwardingScore: 7,
    expiration: 86_400,
    externalAdReply: { sourceType: 'ad', title: 'Sale', sourceUrl: 'https://fb.me/x', ctwaClid: 'click' },
  };
  expect(read(sent({ extendedTextMessage: { text: 'Hi', contextInfo } }))).toMatchObject({
    mentions: [
      { lid: '100@lid', me: true },
      { phoneNumber: '+6282222', lid: '200@lid', me: false },
    ],
    forwarded: true,
    forwardedOften: true,
    ephemeralSeconds: 86_400,
    referral: { source: 'ad', title: 'Sale', url: 'https://fb.me/x', clickId: 'click' },
  });
});

test('a view-once file says so, and one of an album names it', () => {
  const messageContextInfo = {
    messageAssociation: { associationType: 1, parentMessageKey: { id: 'ALBUM' } },
  };
  expect(read(sent({ viewOnceMessageV2: { message: { imageMessage: {} } } }))).toMatchObject({
    viewOnce: true,
  });
  expect(read(sent({ imageMessage: {}, messageContextInfo }))).toMatchObject({ albumId: 'ALBUM' });
});

test('texts from the network are cut to their bounds, and none holds half a character', () => {
  const long = `${'a'.repeat(65_535)}😀`;
  const said = read({ conversation: long });
  expect(said?.content).toHaveLength(65_536);
  expect(said?.content?.isWellFormed()).toBe(true);
  const card = { displayName: `${'n'.repeat(1_023)}😀`, vcard: 'x'.repeat(100_000) };
  const contacts = read({ contactsArrayMessage: { contacts: Array.from({ length: 500 }, () => card) } });
  expect(JSON.stringify(contacts).length).toBeLessThan(700_000);
});

test('messages that are nested deeper than any client nests them are told of by their last wrapper', () => {
  let message: proto.IMessage = { conversation: 'deep' };
  for (let depth = 0; depth < 20; depth += 1) message = { ephemeralMessage: { message } };
  expect(read(message)).toMatchObject({ type: 'unsupported', unsupported: { kind: 'ephemeralMessage' } });
});

test('every type of content has a form of its own', () => {
  expect(new Set(CONTENT_TYPES).size).toBe(CONTENT_TYPES.length);
  expect(CONTENT_TYPES).toContain('unsupported');
});
