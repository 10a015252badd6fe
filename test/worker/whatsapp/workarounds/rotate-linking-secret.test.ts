import { EventEmitter } from 'node:events';
import { type BinaryNode, initAuthCreds } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import {
  type LinkingSocket,
  rotateLinkingSecret,
} from '../../../../worker/whatsapp/workarounds/rotate-linking-secret.ts';

const EVENT = 'CB:notification,type:companion_reg_refresh';
const node = (child: string): BinaryNode => ({
  tag: 'notification',
  attrs: {},
  content: [{ tag: child, attrs: {} }],
});

function start() {
  const ws = new EventEmitter();
  const creds = initAuthCreds();
  const updates: string[] = [];
  const socket: LinkingSocket = { ws, authState: { creds } };
  const rotation = rotateLinkingSecret(socket, ({ advSecretKey }) => updates.push(advSecretKey));
  return { ws, creds, updates, rotation, first: creds.advSecretKey };
}

test.each(['companion_reg_refresh', 'pair-device-rotate-qr'])(
  '%s replaces the secret in the QR, not its ref',
  (child) => {
    const { ws, creds, updates, rotation, first } = start();
    const qr = `https://wa.me/settings/linked_devices#2@ref,noise,identity,${first},1`;
    expect(rotation.current(qr)).toBe(qr);
    ws.emit(EVENT, node(child));
    expect(updates).toEqual([creds.advSecretKey]);
    expect(Buffer.from(creds.advSecretKey, 'base64')).toHaveLength(32);
    expect(rotation.current(qr)).toBe(qr.replace(first, creds.advSecretKey));
    ws.emit(EVENT, node(child));
    expect(rotation.current(qr)).toBe(qr.replace(first, creds.advSecretKey));
  },
);

test('nothing changes for an unknown child, or while a pairing code is being exchanged', () => {
  const { ws, creds, updates, first } = start();
  ws.emit(EVENT, node('something_else'));
  creds.pairingCode = 'ABCD1234';
  ws.emit(EVENT, node('companion_reg_refresh'));
  expect(updates).toEqual([]);
  expect(creds.advSecretKey).toBe(first);
});

test('leaves no listener behind', () => {
  const { ws, rotation } = start();
  rotation.stop();
  expect(ws.eventNames()).toEqual([]);
});
