import { createPublicKey, verify as verifySignature } from 'node:crypto';
import {
  calculateAgreement,
  calculateSignature,
  generateKeyPair as generateTypedPair,
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

const fieldPrime = 2n ** 255n - 19n;
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Says whether the XEdDSA signature holds (https://signal.org/docs/specifications/xeddsa/): the key is
 * carried over to its Edwards form and the rest is Ed25519, natively, where libsignal-node reckons in
 * plain JavaScript. Baileys' `Curve.verify` drops libsignal's answer (rc14, `Utils/crypto.js`).
 */
export function verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const key = withoutTypeByte(publicKey);
  if (signature.length !== 64 || key.length !== 32) return false;
  const plain = Buffer.from(signature);
  const last = plain[63] ?? 0;
  plain[63] = last & 0x7f;
  const edwards = toEdwards(key);
  // The signature carries the sign of the Edwards key in its topmost bit.
  edwards[31] = (edwards[31] ?? 0) | (last & 0x80);
  try {
    const spki = Buffer.concat([ed25519Prefix, edwards]);
    return verifySignature(null, data, createPublicKey({ key: spki, format: 'der', type: 'spki' }), plain);
  } catch {
    return false;
  }
}

/** y = (u - 1) / (u + 1), little-endian. */
function toEdwards(montgomery: Buffer): Buffer {
  const masked = Buffer.from(montgomery);
  masked[31] = (masked[31] ?? 0) & 0x7f;
  const u = BigInt(`0x${masked.reverse().toString('hex')}`);
  const y = modulo((u - 1n) * inverse(u + 1n));
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
}

function modulo(value: bigint): bigint {
  const rest = value % fieldPrime;
  return rest < 0n ? rest + fieldPrime : rest;
}

/** By the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [rest, next] = [fieldPrime, modulo(value)];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modulo(factor);
}
