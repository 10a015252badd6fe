import { randomBytes } from 'node:crypto';
import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys';

/** The parts of a Baileys socket that linking needs. */
export interface LinkingSocket {
  ws: {
    on(event: string, listener: (node: BinaryNode) => void): unknown;
    off(event: string, listener: (node: BinaryNode) => void): unknown;
  };
  authState: { creds: AuthenticationCreds };
}

export interface SecretRotation {
  /** The QR text with the secret that is valid now. */
  current(qr: string): string;
  stop(): void;
}

const EVENT = 'CB:notification,type:companion_reg_refresh';
const CHILDREN = new Set(['companion_reg_refresh', 'pair-device-rotate-qr']);
/** ref, noise key, identity key, secret, platform (Baileys, `companion-reg-client-utils.js`). */
const SECRET_FIELD = 3;

/** QR texts as they come: what linking was before July 2026, and what a test needs to show that it fails now. */
export const noRotation = (): SecretRotation => ({ current: (qr) => qr, stop: () => undefined });

/**
 * Since July 2026 WhatsApp answers a scan with `companion_reg_refresh`: the secret in the QR is void from
 * then on, and the QR is to be shown again with the same ref and a fresh 32-byte secret (as WhatsApp Web's
 * WAWebHandleCompanionReqRefreshNotification does, see WhiskeySockets/Baileys#2765). Baileys 7.0.0-rc14
 * ignores it; its QR texts keep the first secret of the attempt.
 */
export function rotateLinkingSecret(
  socket: LinkingSocket,
  onRotated: (update: { advSecretKey: string }) => void,
): SecretRotation {
  const { creds } = socket.authState;
  const onRefresh = (node: BinaryNode) => {
    const children = Array.isArray(node.content) ? node.content : [];
    if (!children.some(({ tag }) => CHILDREN.has(tag))) return;
    // A pairing code derives this secret from its own exchange: replacing it would void the code.
    if (creds.me !== undefined || creds.pairingCode !== undefined) return;
    const advSecretKey = randomBytes(32).toString('base64');
    // Baileys verifies the pairing with this very object (`socket.js`, configureSuccessfulPairing).
    creds.advSecretKey = advSecretKey;
    onRotated({ advSecretKey });
  };
  socket.ws.on(EVENT, onRefresh);
  return {
    current: (qr) => withSecret(qr, creds.advSecretKey),
    stop: () => {
      socket.ws.off(EVENT, onRefresh);
    },
  };
}

function withSecret(qr: string, secret: string): string {
  const [prefix, payload] = qr.includes('#') ? splitOnce(qr, '#') : ['', qr];
  const fields = payload.split(',');
  // From the end, since a ref may hold commas of its own; the platform is the last field.
  const index = fields.length - 2;
  if (index < SECRET_FIELD) return qr;
  fields[index] = secret;
  return prefix + fields.join(',');
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator) + separator.length;
  return [text.slice(0, at), text.slice(at)];
}
