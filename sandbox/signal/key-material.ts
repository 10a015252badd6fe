import { randomInt } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { generateKeyPair, type KeyPair, sign, verify, withoutTypeByte, withTypeByte } from './curve.ts';
import { acceptSession, type PreKeyBundle, startSession } from './key-agreement.ts';
import { decryptWith, encryptWith, type SessionState } from './session.ts';

/** A group chain of one sender ("sender key"), ours when the signing secret is there. */
export type SenderKeyState = {
  keyId: number;
  iteration: number;
  chainKey: Buffer;
  signingPublic: Buffer;
  signingPrivate: Buffer | null;
  skipped: Record<number, Buffer>;
};

/** Everything a virtual device keeps secret. Plain data, so that it can be stored as it is. */
export type KeyMaterial = {
  identity: KeyPair;
  registrationId: number;
  signedPreKey: { id: number; pair: KeyPair; signature: Buffer };
  preKeys: Map<number, KeyPair>;
  nextPreKeyId: number;
  /** Per remote device, the session in use first, older ones behind it. */
  sessions: Map<string, SessionState[]>;
  senderKeys: Map<string, SenderKeyState[]>;
};

export type Ciphertext = { type: 'pkmsg' | 'msg'; body: Buffer };

const version = 0x33;
const maxSessionsPerDevice = 20;

export function createKeyMaterial(): KeyMaterial {
  const identity = generateKeyPair();
  const pair = generateKeyPair();
  return {
    identity,
    registrationId: randomInt(1, 16_380),
    signedPreKey: { id: 1, pair, signature: sign(identity.private, withTypeByte(pair.public)) },
    preKeys: new Map(),
    nextPreKeyId: 1,
    sessions: new Map(),
    senderKeys: new Map(),
  };
}

/** A bundle with a fresh one-time key; its private half waits here for the first message. */
export function issueBundle(material: KeyMaterial): PreKeyBundle {
  const id = material.nextPreKeyId++;
  const pair = generateKeyPair();
  material.preKeys.set(id, pair);
  const { signedPreKey } = material;
  return {
    registrationId: material.registrationId,
    identity: material.identity.public,
    signedPreKey: {
      id: signedPreKey.id,
      public: signedPreKey.pair.public,
      signature: signedPreKey.signature,
    },
    preKey: { id, public: pair.public },
  };
}

export function hasSession(material: KeyMaterial, address: string): boolean {
  return Boolean(material.sessions.get(address)?.[0]?.sending);
}

/** Begins a session, in front of those there are. Throws when the bundle's signature does not hold. */
export function openSession(material: KeyMaterial, address: string, bundle: PreKeyBundle): void {
  const { public: key, signature } = bundle.signedPreKey;
  if (!verify(bundle.identity, withTypeByte(key), signature))
    throw new Error(`The signed pre-key of ${address} is not signed by its identity.`);
  remember(material, address, startSession(material.identity, bundle));
}

export function encryptFor(material: KeyMaterial, address: string, plaintext: Uint8Array): Ciphertext {
  const state = material.sessions.get(address)?.[0];
  if (!state) throw new Error(`There is no session with ${address}.`);
  const { state: next, body } = encryptWith(state, material.identity.public, plaintext);
  remember(material, address, next);
  if (!next.pending) return { type: 'msg', body };
  const wrapped = proto.PreKeySignalMessage.encode({
    registrationId: material.registrationId,
    ...(next.pending.preKeyId === null ? {} : { preKeyId: next.pending.preKeyId }),
    signedPreKeyId: next.pending.signedPreKeyId,
    baseKey: withTypeByte(next.pending.baseKey),
    identityKey: withTypeByte(material.identity.public),
    message: body,
  }).finish();
  return { type: 'pkmsg', body: Buffer.concat([Buffer.from([version]), wrapped]) };
}

/** The identity a first message claims; what vouches for it is checked by the caller. */
export function identityOf(body: Uint8Array): Buffer {
  return parsePreKeyMessage(body).identity;
}

/** Throws when no session fits; nothing has changed then. */
export function decryptFrom(
  material: KeyMaterial,
  address: string,
  message: { type: string; body: Uint8Array },
): Buffer {
  if (message.type === 'pkmsg') return decryptFirst(material, address, message.body);
  const sessions = material.sessions.get(address);
  if (!sessions?.length) throw new Error('No session record');
  let reason: unknown;
  for (const candidate of sessions) {
    try {
      const { state, plaintext } = decryptWith(candidate, material.identity.public, message.body);
      remember(material, address, state);
      return plaintext;
    } catch (error) {
      reason ??= error;
    }
  }
  throw reason;
}

function decryptFirst(material: KeyMaterial, address: string, body: Uint8Array): Buffer {
  const message = parsePreKeyMessage(body);
  const known = material.sessions
    .get(address)
    ?.find((session) => session.baseKey === message.base.toString('base64'));
  const session = known ?? incomingSession(material, message);
  const { state, plaintext } = decryptWith(session, material.identity.public, message.inner);
  remember(material, address, state);
  if (message.preKeyId !== null) material.preKeys.delete(message.preKeyId);
  return plaintext;
}

type PreKeyMessage = {
  preKeyId: number | null;
  signedPreKeyId: number;
  base: Buffer;
  identity: Buffer;
  inner: Uint8Array;
};

function incomingSession(material: KeyMaterial, message: PreKeyMessage): SessionState {
  const preKey = message.preKeyId === null ? null : material.preKeys.get(message.preKeyId);
  if (preKey === undefined) throw new Error('Invalid PreKey ID');
  if (message.signedPreKeyId !== material.signedPreKey.id) throw new Error('Missing SignedPreKey');
  return acceptSession({
    ourIdentity: material.identity,
    signedPreKey: material.signedPreKey.pair,
    preKey,
    theirIdentity: message.identity,
    theirBase: message.base,
  });
}

function parsePreKeyMessage(body: Uint8Array): PreKeyMessage {
  const message = proto.PreKeySignalMessage.decode(body.subarray(1));
  if (!message.baseKey?.length || !message.identityKey?.length || !message.message?.length)
    throw new Error('The first message of a session lacks a key.');
  return {
    preKeyId: message.preKeyId ? message.preKeyId : null,
    signedPreKeyId: message.signedPreKeyId ?? 0,
    base: withoutTypeByte(message.baseKey),
    identity: withoutTypeByte(message.identityKey),
    inner: message.message,
  };
}

function remember(material: KeyMaterial, address: string, state: SessionState): void {
  const others = (material.sessions.get(address) ?? []).filter((one) => one.baseKey !== state.baseKey);
  material.sessions.set(address, [state, ...others].slice(0, maxSessionsPerDevice));
}
