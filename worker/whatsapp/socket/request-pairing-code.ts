import { randomBytes } from 'node:crypto';
import {
  aesEncryptCTR,
  type BinaryNode,
  Browsers,
  bytesToCrockford,
  derivePairingCodeKey,
  getCompanionPlatformId,
  jidEncode,
  S_WHATSAPP_NET,
  type WASocket,
} from '@whiskeysockets/baileys';
import { AppError } from '../../../shared/errors/app-error.ts';

/** As which this device shows in the phone's list. */
export const BROWSER = Browsers.macOS('Chrome');

const NOT_ON_WHATSAPP = 'This phone number is not on WhatsApp.';
const TOO_OFTEN =
  'WhatsApp has been asked for too many codes for this number. Try again later, or scan the QR.';

/**
 * A code to type on the phone, in place of a QR. As Baileys' own `requestPairingCode`, which returns before the
 * server has answered (`socket.js`): here the server's refusal reaches the caller. The credentials of the attempt
 * hold the number from then on, which keeps the linking secret from being rotated until the attempt ends.
 * @param digits of the phone number, with country code
 * @throws AppError VALIDATION_ERROR for a number that is not on WhatsApp, RATE_LIMITED, WORKER_TIMEOUT
 */
export async function requestPairingCode(
  socket: WASocket,
  digits: string,
  timeoutMs: number,
): Promise<string> {
  const { creds } = socket.authState;
  const code = bytesToCrockford(randomBytes(5));
  const jid = jidEncode(digits, 's.whatsapp.net');
  const wrappedKey = await wrapWithCode(code, creds.pairingEphemeralKeyPair.public);
  creds.pairingCode = code;
  creds.me = { id: jid, name: '~' };
  try {
    const request = companionHello(jid, wrappedKey, creds.noiseKey.public);
    const answer: unknown = await socket.query(request, timeoutMs);
    // Baileys resolves with nothing when its own timer wins (`socket.js`, waitForMessage).
    if (answer === undefined) throw noAnswer();
  } catch (fault) {
    // The QR of this attempt goes on as if nobody had asked.
    delete creds.pairingCode;
    delete creds.me;
    throw refusal(fault);
  }
  return code;
}

function companionHello(jid: string, wrappedKey: Buffer, noiseKey: Uint8Array): BinaryNode {
  const [system, name] = BROWSER;
  const field = (tag: string, content: Uint8Array | string): BinaryNode => ({ tag, attrs: {}, content });
  return {
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' },
    content: [
      {
        tag: 'link_code_companion_reg',
        attrs: { jid, stage: 'companion_hello', should_show_push_notification: 'true' },
        content: [
          field('link_code_pairing_wrapped_companion_ephemeral_pub', wrappedKey),
          field('companion_server_auth_key_pub', noiseKey),
          field('companion_platform_id', getCompanionPlatformId(BROWSER)),
          field('companion_platform_display', `${name} (${system})`),
          field('link_code_pairing_nonce', '0'),
        ],
      },
    ],
  };
}

async function wrapWithCode(code: string, ephemeralKey: Uint8Array): Promise<Buffer> {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const key = await derivePairingCodeKey(code, salt);
  return Buffer.concat([salt, iv, aesEncryptCTR(ephemeralKey, key, iv)]);
}

function refusal(fault: unknown): AppError {
  if (fault instanceof AppError) return fault;
  const { data, output } = (fault ?? {}) as { data?: unknown; output?: { statusCode?: number } };
  const code = typeof data === 'number' ? data : output?.statusCode;
  if (code === 404 || code === 400 || code === 406)
    return new AppError('VALIDATION_ERROR', NOT_ON_WHATSAPP, {
      cause: fault,
      details: [{ path: 'phoneNumber', message: NOT_ON_WHATSAPP }],
    });
  if (code === 429) return new AppError('RATE_LIMITED', TOO_OFTEN, { cause: fault, retryAfterS: 300 });
  if (code === 408) return noAnswer();
  return new AppError('WORKER_ERROR', 'WhatsApp did not give a code. Connect again, or scan the QR.', {
    cause: fault,
  });
}

const noAnswer = () => new AppError('WORKER_TIMEOUT', 'WhatsApp did not answer in time. Try again shortly.');
