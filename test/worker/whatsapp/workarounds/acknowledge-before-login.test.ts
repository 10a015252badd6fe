import { EventEmitter } from 'node:events';
import { type BinaryNode, initAuthCreds } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import { acknowledgeBeforeLogin } from '../../../../worker/whatsapp/workarounds/acknowledge-before-login.ts';

const notification: BinaryNode = {
  tag: 'notification',
  attrs: { id: '7', from: 's.whatsapp.net', type: 'companion_reg_refresh' },
};

test('a notification before the link is acknowledged; afterwards Baileys does it', () => {
  const ws = new EventEmitter();
  const creds = initAuthCreds();
  const sent: BinaryNode[] = [];
  const sendNode = async (node: BinaryNode) => {
    sent.push(node);
  };
  const stop = acknowledgeBeforeLogin({ ws, authState: { creds }, sendNode });
  ws.emit('CB:notification', notification);
  expect(sent).toEqual([
    {
      tag: 'ack',
      attrs: { id: '7', to: 's.whatsapp.net', class: 'notification', type: 'companion_reg_refresh' },
    },
  ]);
  creds.me = { id: '62812:1@s.whatsapp.net' };
  ws.emit('CB:notification', notification);
  expect(sent).toHaveLength(1);
  stop();
  expect(ws.eventNames()).toEqual([]);
});
