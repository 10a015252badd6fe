import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { SandboxError } from '../sandbox-error.ts';
import { verify, withTypeByte } from '../signal/curve.ts';
import type { ScanResult } from '../verbs.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import type { Account } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';

/** A client that wants to be linked, until it is. */
export type LinkAttempt = {
  connection: WaConnection;
  noiseKey: Buffer;
  identity: Buffer;
  registrationId: number;
  signedPreKey: Companion['signedPreKey'];
  platform: string;
  wantsFullHistory: boolean;
  refs: string[];
  /** The secret that was shown before it was retired (flow of 2026). */
  retiredSecret: string | null;
  pending: PendingLink | null;
};

export type PendingLink = {
  iqId: string;
  account: Account;
  device: number;
  keyIndex: number;
  details: Buffer;
  settle: (result: ScanResult) => void;
  fail: (error: Error) => void;
};

const refCount = 6;
const deviceSignaturePrefix = Buffer.from([6, 1]);

/** Throws when a key is missing, or the signed pre-key is not signed by the identity. */
export function readRegistration(
  connection: WaConnection,
  payload: proto.ClientPayload,
  noiseKey: Buffer,
): LinkAttempt {
  const data = payload.devicePairingData;
  if (!data?.eIdent || !data.eSkeyVal || !data.eSkeySig || !data.eSkeyId || !data.eRegid)
    throw new Error('The registration lacks a key.');
  const identity = Buffer.from(data.eIdent);
  const publicKey = Buffer.from(data.eSkeyVal);
  const signature = Buffer.from(data.eSkeySig);
  if (!verify(identity, withTypeByte(publicKey), signature))
    throw new Error('The signed pre-key of the registration is not signed by its identity.');
  const props = proto.DeviceProps.decode(data.deviceProps ?? new Uint8Array());
  return {
    connection,
    noiseKey,
    identity,
    registrationId: Buffer.from(data.eRegid).readUIntBE(0, data.eRegid.length),
    signedPreKey: {
      id: Buffer.from(data.eSkeyId).readUIntBE(0, data.eSkeyId.length),
      public: publicKey,
      signature,
    },
    platform: props.os || 'unknown',
    wantsFullHistory: props.requireFullSync === true,
    refs: Array.from({ length: refCount }, () => `2@${randomBytes(72).toString('base64')}`),
    retiredSecret: null,
    pending: null,
  };
}

/** Why the client's confirmation is not good enough; null when it is. */
export function deviceSignatureProblem(
  attempt: LinkAttempt,
  pending: PendingLink,
  bytes: Buffer,
): string | null {
  if (bytes.length === 0) return 'The client refused the link.';
  const answer = proto.ADVSignedDeviceIdentity.decode(bytes);
  if (!answer.details || !Buffer.from(answer.details).equals(pending.details))
    return 'The client confirmed other details than it was given.';
  const accountKey = pending.account.keys.identity.public;
  const signed = Buffer.concat([deviceSignaturePrefix, pending.details, attempt.identity, accountKey]);
  const holds = verify(attempt.identity, signed, answer.deviceSignature ?? new Uint8Array());
  return holds ? null : "The client's device signature does not hold.";
}

export function newCompanion(attempt: LinkAttempt, pending: PendingLink): Companion {
  return {
    id: pending.device,
    keyIndex: pending.keyIndex,
    noiseKey: attempt.noiseKey,
    identity: attempt.identity,
    registrationId: attempt.registrationId,
    signedPreKey: attempt.signedPreKey,
    preKeys: new Map(),
    platform: attempt.platform,
    linkedAt: Date.now(),
    historySent: false,
    wantsFullHistory: attempt.wantsFullHistory,
    queue: new Map(),
    retried: new Set(),
  };
}

export type QrCode = { ref: string; noiseKey: string; identity: string; secret: string };

/** `https://wa.me/settings/linked_devices#ref,noise,identity,secret,platform` (the prefix is optional). */
export function readQr(qr: string): QrCode {
  const fields = qr.slice(qr.indexOf('#') + 1).split(',');
  const [ref, noiseKey, identity, secret] = fields.map((field) => field.trim());
  if (!ref || !noiseKey || !identity || !secret)
    throw new SandboxError(
      400,
      'This is not a linking QR code: ref, noise key, identity and secret are needed.',
    );
  for (const key of [noiseKey, identity, secret])
    if (Buffer.from(key, 'base64').length !== 32)
      throw new SandboxError(400, 'A key in this QR code does not have 32 bytes.');
  return { ref, noiseKey, identity, secret };
}
