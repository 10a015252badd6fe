import { randomBytes } from 'node:crypto';
import { hkdf, openGcm, sealGcm } from './kdf.ts';

/** What is sealed with another message's secret, in the words of the key derivation. */
export type SecretUse =
  | 'Poll Vote'
  | 'Event Response'
  | 'Message Edit'
  | 'Event Edit'
  | 'Enc Reaction'
  | 'Enc Comment';

/** Votes and answers bind the original and who changes it; the others bind nothing. */
const bound: readonly SecretUse[] = ['Poll Vote', 'Event Response'];

export type SecretContext = {
  secret: Uint8Array;
  use: SecretUse;
  originalId: string;
  /** JIDs without a device. */
  originalSender: string;
  modifier: string;
};

export function sealWithSecret(context: SecretContext, plaintext: Uint8Array) {
  const encIv = randomBytes(12);
  return { encPayload: sealGcm(keyOf(context), encIv, plaintext, additionalOf(context)), encIv };
}

/** Throws when it was sealed by other names or with another secret. */
export function openWithSecret(context: SecretContext, sealed: Uint8Array, iv: Uint8Array): Buffer {
  return openGcm(keyOf(context), iv, sealed, additionalOf(context));
}

function keyOf({ secret, use, originalId, originalSender, modifier }: SecretContext): Buffer {
  return hkdf(secret, 32, `${originalId}${originalSender}${modifier}${use}`);
}

function additionalOf({ use, originalId, modifier }: SecretContext): Buffer {
  return bound.includes(use) ? Buffer.from(`${originalId}\0${modifier}`) : Buffer.alloc(0);
}
