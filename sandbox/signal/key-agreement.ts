import { agree, generateKeyPair, type KeyPair } from './curve.ts';
import { hkdf } from './kdf.ts';
import { ratchetStep, type SessionState } from './session.ts';

/** What the server hands out for a device, so that a session with it can begin. */
export type PreKeyBundle = {
  registrationId: number;
  identity: Buffer;
  signedPreKey: { id: number; public: Buffer; signature: Buffer };
  preKey: { id: number; public: Buffer } | null;
};

const discontinuity = Buffer.alloc(32, 0xff);

/** X3DH, the initiator's half (https://signal.org/docs/specifications/x3dh/). */
export function startSession(ourIdentity: KeyPair, bundle: PreKeyBundle): SessionState {
  const base = generateKeyPair();
  const secrets = [
    agree(ourIdentity.private, bundle.signedPreKey.public),
    agree(base.private, bundle.identity),
    agree(base.private, bundle.signedPreKey.public),
  ];
  if (bundle.preKey) secrets.push(agree(base.private, bundle.preKey.public));
  const ratchet = generateKeyPair();
  const step = ratchetStep(rootOf(secrets), ratchet, bundle.signedPreKey.public);
  return {
    baseKey: base.public.toString('base64'),
    remoteIdentity: bundle.identity,
    rootKey: step.root,
    ratchet,
    remoteRatchet: bundle.signedPreKey.public,
    previousCounter: 0,
    sending: { key: step.chain, counter: -1 },
    receiving: [],
    pending: {
      preKeyId: bundle.preKey?.id ?? null,
      signedPreKeyId: bundle.signedPreKey.id,
      baseKey: base.public,
    },
  };
}

export type IncomingSession = {
  ourIdentity: KeyPair;
  signedPreKey: KeyPair;
  preKey: KeyPair | null;
  theirIdentity: Buffer;
  theirBase: Buffer;
};

/** X3DH, the responder's half: the session becomes usable with its first message. */
export function acceptSession(incoming: IncomingSession): SessionState {
  const { ourIdentity, signedPreKey, preKey, theirIdentity, theirBase } = incoming;
  const secrets = [
    agree(signedPreKey.private, theirIdentity),
    agree(ourIdentity.private, theirBase),
    agree(signedPreKey.private, theirBase),
  ];
  if (preKey) secrets.push(agree(preKey.private, theirBase));
  return {
    baseKey: theirBase.toString('base64'),
    remoteIdentity: theirIdentity,
    rootKey: rootOf(secrets),
    ratchet: signedPreKey,
    remoteRatchet: theirBase,
    previousCounter: 0,
    sending: null,
    receiving: [],
    pending: null,
  };
}

function rootOf(secrets: Buffer[]): Buffer {
  return hkdf(Buffer.concat([discontinuity, ...secrets]), 64, 'WhisperText').subarray(0, 32);
}
