import { expect, test } from 'vitest';
import { addressMentions } from '../../../../worker/whatsapp/sending/address-mentions.ts';

const LIDS: Readonly<Record<string, string>> = {
  '6281111111111@s.whatsapp.net': '111@lid',
  '6282222222222@s.whatsapp.net': '222@lid',
};
const nameIn = async (jid: string) => LIDS[jid] ?? jid;
const mention = (text: string, mentions: string[]) => addressMentions({ text, mentions }, nameIn);

test('people are named in the text as they are mentioned', async () => {
  const text = 'Ask @6281111111111, @+6282222222222 and @6281111111111.';
  expect(await mention(text, Object.keys(LIDS))).toEqual({
    text: 'Ask @111, @222 and @111.',
    mentions: ['111@lid', '222@lid'],
  });
});

test('captions as well', async () => {
  const content = { image: Buffer.from(''), caption: 'With @6281111111111', mentions: Object.keys(LIDS) };
  expect(await addressMentions(content, nameIn)).toMatchObject({
    caption: 'With @111',
    mentions: ['111@lid', '222@lid'],
  });
});

test('whom the chat has no other name for, and numbers of nobody who is mentioned, stay as they are', async () => {
  const stranger = '6283333333333@s.whatsapp.net';
  const text = '@6283333333333 @62811111111110 6281111111111 @6282222222222';
  expect(await mention(text, [stranger, '6281111111111@s.whatsapp.net'])).toEqual({
    text,
    mentions: [stranger, '111@lid'],
  });
});

test('the same person named twice, by number and by LID, is mentioned once', async () => {
  expect(await mention('@6281111111111 @111', ['6281111111111@s.whatsapp.net', '111@lid'])).toEqual({
    text: '@111 @111',
    mentions: ['111@lid'],
  });
});

test('a message without mentions is left alone', async () => {
  expect(await addressMentions({ text: '@6281111111111' }, nameIn)).toEqual({ text: '@6281111111111' });
});
