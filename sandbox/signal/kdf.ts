import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';

const zeroSalt = Buffer.alloc(32);

export function hkdf(secret: Uint8Array, length: number, info: string, salt: Uint8Array = zeroSalt): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length));
}

export function hmac(key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

export function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

export function encryptCtr(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

const gcmTagBytes = 16;

/** AES-256-GCM with the tag behind the ciphertext, as Noise and WhatsApp's pairing write it. */
export function sealGcm(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  additional: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(additional);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the tag does not hold. */
export function openGcm(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array, additional: Uint8Array): Buffer {
  if (sealed.length < gcmTagBytes) throw new Error('The ciphertext is shorter than its tag.');
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAAD(additional);
  decipher.setAuthTag(sealed.subarray(sealed.length - gcmTagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - gcmTagBytes)), decipher.final()]);
}
