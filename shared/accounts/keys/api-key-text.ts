import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * `sk_live_` or `sk_test_`, 16 characters that locate the key's item, 50 that are the secret: 256 random bits
 * in base 36, so that a double click selects the whole key.
 */
const FORMAT = /^sk_(?:live|test)_([0-9a-z]{16})[0-9a-z]{50}$/;
const SECRET_BYTES = 32;
const SECRET_LENGTH = 50;
const ID_LENGTH = 16;
const SHOWN_OF_ID = 6;

const base36 = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`).toString(36);

/** Locates an account's key. */
export function newKeyId(): string {
  return `k${base36(randomBytes(12))
    .padStart(ID_LENGTH, '0')
    .slice(1 - ID_LENGTH)}`;
}

/** Locates a session's own key: there is one place for it, so a new key replaces the old one. */
export function sessionKeyId(sessionId: string): string {
  const hash = base36(createHash('sha256').update(sessionId).digest());
  return `s${hash.padStart(SECRET_LENGTH, '0').slice(1 - ID_LENGTH)}`;
}

export function newApiKey(mode: 'live' | 'test', keyId: string): string {
  return `sk_${mode}_${keyId}${base36(randomBytes(SECRET_BYTES)).padStart(SECRET_LENGTH, '0')}`;
}

/** Returns `undefined` for text that cannot be one of our keys. */
export function keyIdOf(apiKey: string): string | undefined {
  return FORMAT.exec(apiKey)?.[1];
}

/** Enough to recognise a key by, such as `sk_live_k4f9a1`. */
export function prefixOf(apiKey: string): string {
  return apiKey.slice(0, 'sk_live_'.length + SHOWN_OF_ID);
}

/** 256 random bits need no slow hash. */
export function hashApiKey(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('base64url');
}

export function isHashOf(apiKey: string, hash: string): boolean {
  const shown = Buffer.from(hashApiKey(apiKey));
  const kept = Buffer.from(hash);
  return shown.byteLength === kept.byteLength && timingSafeEqual(shown, kept);
}
