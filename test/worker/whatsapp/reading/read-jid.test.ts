import { expect, test } from 'vitest';
import { isSameChat } from '../../../../worker/whatsapp/reading/read-jid.ts';

const PN = '62811@s.whatsapp.net';
const lidOf = (jid: string) => (jid === PN ? '99@lid' : undefined);

test.each([
  [PN, PN, true],
  [PN, '99@lid', true],
  ['99@lid', PN, true],
  [PN, '98@lid', false],
  [PN, '62822@s.whatsapp.net', false],
  ['99@lid', '98@lid', false],
  ['1203@g.us', '1203@g.us', true],
  ['1203@g.us', PN, false],
  // Nobody has said who this number is.
  ['62833@s.whatsapp.net', '97@lid', true],
])('%s and %s are the same chat: %s', (one, other, same) => {
  expect(isSameChat(one, other, lidOf)).toBe(same);
});
