import {
  calculateAgreement,
  calculateSignature,
  generateKeyPair as generateTypedPair,
  verifySignature,
} from 'libsignal/src/curve.js';

/** X25519 keys as WhatsApp sends them: 32 raw bytes, without Signal's type byte. */
export type KeyPair = { public: Buffer; private: Buffer };

const djbType = 5;

/** Signal writes public keys with a leading type byte (5, "DJB"); WhatsApp's stanzas leave it out. */
export function withTypeByte(publicKey: Uint8Array): Buffer {
  return publicKey.length === 33
    ? Buffer.from(publicKey)
    : Buffer.concat([Buffer.from([djbType]), publicKey]);
}

export function withoutTypeByte(publicKey: Uint8Array): Buffer {
  return Buffer.from(publicKey.length === 33 ? publicKey.subarray(1) : publicKey);
}

export function generateKeyPair(): KeyPair {
  const pair = generateTypedPair();
  return { public: withoutTypeByte(pair.pubKey), private: Buffer.from(pair.privKey) };
}

export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
  return Buffer.from(calculateAgreement(withTypeByte(publicKey), Buffer.from(privateKey)));
}

export function sign(privateKey: Uint8Array, data: Uint8Array): Buffer {
  return Buffer.from(calculateSignature(Buffer.from(privateKey), data));
}

/**
 * Says whether the XEdDSA signature holds. Baileys' own `Curve.verify` drops this answer (rc14,
 * `Utils/crypto.js`), so the sandbox asks libsignal directly.
 */
export function verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  try {
    return verifySignature(withTypeByte(publicKey), data, signature);
  } catch {
    return false;
  }
}
