import { randomBytes, randomInt } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { generateKeyPair, sign, verify, withTypeByte } from './curve.ts';
import { decryptCbc, encryptCbc, hkdf, hmac } from './kdf.ts';
import type { KeyMaterial, SenderKeyState } from './key-material.ts';

const version = 0x33;
const signatureBytes = 64;
const maxForwardJumps = 2000;
const maxStates = 5;
const messageKeySeed = Buffer.from([1]);
const chainKeySeed = Buffer.from([2]);

export function senderKeyName(groupId: string, address: string): string {
  return `${groupId}|${address}`;
}

/** Our own chain in a group as a distribution message; the chain is begun when there is none. */
export function distributeSenderKey(material: KeyMaterial, name: string): Buffer {
  const state = ownState(material, name);
  const message = proto.SenderKeyDistributionMessage.encode({
    id: state.keyId,
    iteration: state.iteration,
    chainKey: state.chainKey,
    signingKey: withTypeByte(state.signingPublic),
  }).finish();
  return Buffer.concat([Buffer.from([version]), message]);
}

export function acceptSenderKey(material: KeyMaterial, name: string, distribution: Uint8Array): void {
  const message = proto.SenderKeyDistributionMessage.decode(distribution.subarray(1));
  if (!message.chainKey?.length || !message.signingKey?.length)
    throw new Error('The sender key distribution lacks a key.');
  const states = material.senderKeys.get(name) ?? [];
  const state: SenderKeyState = {
    keyId: message.id ?? 0,
    iteration: message.iteration ?? 0,
    chainKey: Buffer.from(message.chainKey),
    signingPublic: Buffer.from(message.signingKey),
    signingPrivate: null,
    skipped: {},
  };
  const others = states.filter((one) => one.keyId !== state.keyId);
  material.senderKeys.set(name, [state, ...others].slice(0, maxStates));
}

export function encryptForGroup(material: KeyMaterial, name: string, plaintext: Uint8Array): Buffer {
  const state = ownState(material, name);
  if (!state.signingPrivate) throw new Error('This sender key belongs to somebody else.');
  const keys = messageKeys(hmac(state.chainKey, messageKeySeed));
  const message = proto.SenderKeyMessage.encode({
    id: state.keyId,
    iteration: state.iteration,
    ciphertext: encryptCbc(keys.cipher, keys.iv, plaintext),
  }).finish();
  const signed = Buffer.concat([Buffer.from([version]), message]);
  state.iteration += 1;
  state.chainKey = hmac(state.chainKey, chainKeySeed);
  return Buffer.concat([signed, sign(state.signingPrivate, signed)]);
}

/** Throws when the sender's key is not known here, the signature is wrong, or the key was used. */
export function decryptFromGroup(material: KeyMaterial, name: string, body: Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  const signed = bytes.subarray(0, -signatureBytes);
  const message = proto.SenderKeyMessage.decode(signed.subarray(1));
  const state = material.senderKeys.get(name)?.find((one) => one.keyId === message.id);
  if (!state) throw new Error('No session found to decrypt message');
  if (!verify(state.signingPublic, signed, bytes.subarray(-signatureBytes)))
    throw new Error('The signature of the group message does not hold.');
  const { seed, next } = takeSeed(state, message.iteration ?? 0);
  const keys = messageKeys(seed);
  const plaintext = decryptCbc(keys.cipher, keys.iv, message.ciphertext ?? new Uint8Array());
  Object.assign(state, next);
  return plaintext;
}

type Advance = Pick<SenderKeyState, 'iteration' | 'chainKey' | 'skipped'>;

function takeSeed(state: SenderKeyState, iteration: number): { seed: Buffer; next: Advance } {
  const skipped = { ...state.skipped };
  let { chainKey } = state;
  if (iteration - state.iteration > maxForwardJumps)
    throw new Error(`The message is more than ${maxForwardJumps} messages ahead.`);
  for (let index = state.iteration; index <= iteration; index++) {
    skipped[index] = hmac(chainKey, messageKeySeed);
    chainKey = hmac(chainKey, chainKeySeed);
  }
  const seed = skipped[iteration];
  if (!seed) throw new Error('Key used already or never filled');
  delete skipped[iteration];
  return { seed, next: { iteration: Math.max(state.iteration, iteration + 1), chainKey, skipped } };
}

function messageKeys(seed: Buffer): { iv: Buffer; cipher: Buffer } {
  const derived = hkdf(seed, 48, 'WhisperGroup');
  return { iv: derived.subarray(0, 16), cipher: derived.subarray(16) };
}

function ownState(material: KeyMaterial, name: string): SenderKeyState {
  const existing = material.senderKeys.get(name)?.[0];
  if (existing) return existing;
  const signing = generateKeyPair();
  const state: SenderKeyState = {
    keyId: randomInt(1, 2 ** 31 - 1),
    iteration: 0,
    chainKey: randomBytes(32),
    signingPublic: signing.public,
    signingPrivate: signing.private,
    skipped: {},
  };
  material.senderKeys.set(name, [state]);
  return state;
}
