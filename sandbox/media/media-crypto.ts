import { randomBytes, timingSafeEqual } from 'node:crypto';
import { decryptCbc, encryptCbc, hkdf, hmac, sha256 } from '../signal/kdf.ts';
import type { MediaType } from '../verbs.ts';

export type EncryptedMedia = { mediaKey: Buffer; encrypted: Buffer; sha256: Buffer; encryptedSha256: Buffer };

/** The words in the key derivation, by media type (Baileys' `MEDIA_HKDF_KEY_MAPPING`). */
const derivationNames: Record<MediaType | 'history', string> = {
  history: 'History',
  image: 'Image',
  sticker: 'Image',
  video: 'Video',
  audio: 'Audio',
  document: 'Document',
};
const macBytes = 10;

/** AES-256-CBC with a truncated HMAC behind it, keys from the media key by HKDF. */
export function encryptMedia(type: MediaType | 'history', data: Buffer): EncryptedMedia {
  const mediaKey = randomBytes(32);
  const keys = mediaKeys(type, mediaKey);
  const ciphertext = encryptCbc(keys.cipher, keys.iv, data);
  const mac = hmac(keys.mac, keys.iv, ciphertext).subarray(0, macBytes);
  const encrypted = Buffer.concat([ciphertext, mac]);
  return { mediaKey, encrypted, sha256: sha256(data), encryptedSha256: sha256(encrypted) };
}

/** Throws with a sentence when anything does not fit: the MAC or either hash. */
export function decryptMedia(
  type: MediaType,
  encrypted: Buffer,
  expected: { mediaKey: Uint8Array; sha256: Uint8Array; encryptedSha256: Uint8Array },
): Buffer {
  if (!sha256(encrypted).equals(expected.encryptedSha256))
    throw new Error('The file on the media server is not the one that the message names.');
  const keys = mediaKeys(type, expected.mediaKey);
  const ciphertext = encrypted.subarray(0, -macBytes);
  const mac = hmac(keys.mac, keys.iv, ciphertext).subarray(0, macBytes);
  if (!timingSafeEqual(mac, encrypted.subarray(-macBytes)))
    throw new Error('The MAC of the media does not hold.');
  const data = decryptCbc(keys.cipher, keys.iv, ciphertext);
  if (!sha256(data).equals(expected.sha256)) throw new Error('The decrypted media has another hash.');
  return data;
}

function mediaKeys(
  type: MediaType | 'history',
  mediaKey: Uint8Array,
): { iv: Buffer; cipher: Buffer; mac: Buffer } {
  const derived = hkdf(mediaKey, 112, `WhatsApp ${derivationNames[type]} Keys`);
  return { iv: derived.subarray(0, 16), cipher: derived.subarray(16, 48), mac: derived.subarray(48, 80) };
}
