import { timingSafeEqual } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { agree, generateKeyPair, type KeyPair, withoutTypeByte, withTypeByte } from './curve.ts';
import { decryptCbc, encryptCbc, hkdf, hmac } from './kdf.ts';

/**
 * One Signal session (X3DH result and double ratchet, protocol version 3), written independently of
 * libsignal-node so that a mistake there shows instead of cancelling out. States are values: a step
 * returns a new state and leaves the old one alone, so an attempt that fails changes nothing.
 */
export type SessionState = {
  /** Names the session on both sides: the initiator's base key, base64. */
  baseKey: string;
  remoteIdentity: Buffer;
  rootKey: Buffer;
  ratchet: KeyPair;
  remoteRatchet: Buffer;
  previousCounter: number;
  sending: SendingChain | null;
  receiving: ReceivingChain[];
  /** Present on the initiator's side until the peer has answered. */
  pending: PendingPreKey | null;
};

export type SendingChain = { key: Buffer; counter: number };
export type ReceivingChain = {
  ratchet: Buffer;
  /** Null once the peer has moved on: only skipped keys remain. */
  key: Buffer | null;
  counter: number;
  skipped: Record<number, Buffer>;
};
export type PendingPreKey = { preKeyId: number | null; signedPreKeyId: number; baseKey: Buffer };

const version = 0x33;
const macBytes = 8;
const maxForwardJumps = 2000;
const maxReceivingChains = 8;
const messageKeySeed = Buffer.from([1]);
const chainKeySeed = Buffer.from([2]);

export function encryptWith(
  state: SessionState,
  ourIdentity: Buffer,
  plaintext: Uint8Array,
): { state: SessionState; body: Buffer } {
  if (!state.sending) throw new Error('This session has no sending chain yet.');
  const counter = state.sending.counter + 1;
  const keys = messageKeys(hmac(state.sending.key, messageKeySeed));
  const message = Buffer.from(
    proto.SignalMessage.encode({
      ratchetKey: withTypeByte(state.ratchet.public),
      counter,
      previousCounter: state.previousCounter,
      ciphertext: encryptCbc(keys.cipher, keys.iv, plaintext),
    }).finish(),
  );
  const mac = messageMac(keys.mac, ourIdentity, state.remoteIdentity, message);
  return {
    state: { ...state, sending: { key: hmac(state.sending.key, chainKeySeed), counter } },
    body: Buffer.concat([Buffer.from([version]), message, mac]),
  };
}

export function decryptWith(
  state: SessionState,
  ourIdentity: Buffer,
  body: Uint8Array,
): { state: SessionState; plaintext: Buffer } {
  const bytes = Buffer.from(body);
  const first = bytes[0] ?? 0;
  if (first >> 4 < 3 || (first & 15) > 3)
    throw new Error(`Signal message version ${first >> 4} is not spoken here.`);
  const serialized = bytes.subarray(1, -macBytes);
  const message = proto.SignalMessage.decode(serialized);
  if (!message.ratchetKey || !message.ciphertext)
    throw new Error('The Signal message lacks its key or its ciphertext.');
  const remote = withoutTypeByte(message.ratchetKey);
  const stepped = stepTo(state, remote, message.previousCounter ?? 0);
  const { chain, key } = takeMessageKey(chainOf(stepped, remote), message.counter ?? 0);
  const keys = messageKeys(key);
  const mac = messageMac(keys.mac, state.remoteIdentity, ourIdentity, serialized);
  if (!timingSafeEqual(mac, bytes.subarray(-macBytes))) throw new Error('Bad MAC');
  return {
    state: { ...stepped, receiving: replaceChain(stepped.receiving, chain), pending: null },
    plaintext: decryptCbc(keys.cipher, keys.iv, message.ciphertext),
  };
}

/** Root and chain key for the next ratchet step (Signal's "WhisperRatchet" derivation). */
export function ratchetStep(rootKey: Buffer, ours: KeyPair, theirs: Buffer): { root: Buffer; chain: Buffer } {
  const derived = hkdf(agree(ours.private, theirs), 64, 'WhisperRatchet', rootKey);
  return { root: derived.subarray(0, 32), chain: derived.subarray(32) };
}

function stepTo(state: SessionState, remote: Buffer, previousCounter: number): SessionState {
  if (state.receiving.some((chain) => chain.ratchet.equals(remote))) return state;
  const closed = state.receiving.map((chain) =>
    chain.ratchet.equals(state.remoteRatchet) && chain.key
      ? { ...advance(chain, previousCounter), key: null }
      : chain,
  );
  const receive = ratchetStep(state.rootKey, state.ratchet, remote);
  const ratchet = generateKeyPair();
  const send = ratchetStep(receive.root, ratchet, remote);
  return {
    ...state,
    rootKey: send.root,
    ratchet,
    remoteRatchet: remote,
    previousCounter: Math.max(state.sending?.counter ?? 0, 0),
    sending: { key: send.chain, counter: -1 },
    receiving: [...closed, { ratchet: remote, key: receive.chain, counter: -1, skipped: {} }].slice(
      -maxReceivingChains,
    ),
  };
}

function chainOf(state: SessionState, remote: Buffer): ReceivingChain {
  const chain = state.receiving.find((candidate) => candidate.ratchet.equals(remote));
  if (!chain) throw new Error('No receiving chain for this ratchet key.');
  return chain;
}

function advance(chain: ReceivingChain, counter: number): ReceivingChain {
  if (counter <= chain.counter) return chain;
  if (counter - chain.counter > maxForwardJumps)
    throw new Error(`The message is more than ${maxForwardJumps} messages ahead.`);
  if (!chain.key) throw new Error('The chain of this message is closed.');
  const skipped = { ...chain.skipped };
  let key = chain.key;
  for (let index = chain.counter + 1; index <= counter; index++) {
    skipped[index] = hmac(key, messageKeySeed);
    key = hmac(key, chainKeySeed);
  }
  return { ...chain, key, counter, skipped };
}

function takeMessageKey(chain: ReceivingChain, counter: number): { chain: ReceivingChain; key: Buffer } {
  const advanced = advance(chain, counter);
  const key = advanced.skipped[counter];
  if (!key) throw new Error('Key used already or never filled');
  const { [counter]: _taken, ...skipped } = advanced.skipped;
  return { chain: { ...advanced, skipped }, key };
}

function replaceChain(chains: ReceivingChain[], next: ReceivingChain): ReceivingChain[] {
  return chains.map((chain) => (chain.ratchet.equals(next.ratchet) ? next : chain));
}

function messageKeys(seed: Buffer): { cipher: Buffer; mac: Buffer; iv: Buffer } {
  const derived = hkdf(seed, 80, 'WhisperMessageKeys');
  return { cipher: derived.subarray(0, 32), mac: derived.subarray(32, 64), iv: derived.subarray(64) };
}

function messageMac(key: Buffer, sender: Buffer, receiver: Buffer, message: Uint8Array): Buffer {
  return hmac(key, withTypeByte(sender), withTypeByte(receiver), Buffer.from([version]), message).subarray(
    0,
    macBytes,
  );
}
