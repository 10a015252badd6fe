import { expect, test } from 'vitest';
import { actionOnClose } from '../../../../worker/whatsapp/socket/close-policy.ts';

const linked = { linked: true, qrShown: false };
const close = (code: number, state = linked) => actionOnClose({ code, message: '' }, state);

test.each([0, 400, 408, 428, 500, 501, 502, 503, 504, 599])(
  'a linked session reconnects after %i',
  (code) => {
    expect(close(code)).toEqual({ do: 'reconnect' });
  },
);

test.each([
  [402, 'TEMPORARILY_BANNED'],
  [403, 'ACCOUNT_LOCKED'],
  [406, 'ACCOUNT_BANNED'],
  [409, 'CLIENT_REFUSED'],
  [411, 'MULTIDEVICE_REQUIRED'],
])('after %i it stops and says why: %s', (code, errorCode) => {
  expect(close(code)).toMatchObject({ do: 'stop', errorCode, sentence: expect.stringMatching(/\.$/) });
});

test('401 is a logout for a linked account, and a refusal for one that is linking', () => {
  expect(close(401)).toEqual({ do: 'logged-out' });
  expect(close(401, { linked: false, qrShown: true })).toMatchObject({
    do: 'stop',
    errorCode: 'LINKING_REFUSED',
  });
});

test('440 asks who owns the session, 515 starts again at once, 405 looks for a newer version', () => {
  expect([440, 515, 405].map((code) => close(code).do)).toEqual(['ask-owner', 'restart', 'refresh-version']);
});

test('408 ends a linking attempt only where a QR was shown: else the network was to blame', () => {
  expect(close(408, { linked: false, qrShown: true })).toEqual({ do: 'qr-expired' });
  expect(close(408, { linked: false, qrShown: false })).toEqual({ do: 'reconnect' });
});
