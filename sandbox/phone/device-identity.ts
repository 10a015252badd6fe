import { proto } from '@whiskeysockets/baileys';
import { verify } from '../signal/curve.ts';
import { sha256 } from '../signal/kdf.ts';
import { RecentMap } from '../world/recent-map.ts';

const accountSignaturePrefix = Buffer.from([6, 0]);
const deviceSignaturePrefix = Buffer.from([6, 1]);

/** Signatures cost milliseconds, and a device shows the same ones with each first message. */
const verdicts = new RecentMap<string>(2000);

/**
 * Why this linked device may not speak for the account; empty when it may. A phone asks this wherever
 * a linked device begins a session, or anybody's server could slip a device in.
 */
export function deviceIdentityProblem(proof: Buffer | null, identity: Buffer, accountKey: Buffer): string {
  if (!proof) return 'The first message of a linked device came without its device-identity.';
  const name = sha256(proof, identity, accountKey).toString('base64');
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = check(proof, identity, accountKey);
  verdicts.set(name, verdict);
  return verdict;
}

function check(proof: Buffer, identity: Buffer, accountKey: Buffer): string {
  const signed = proto.ADVSignedDeviceIdentity.decode(proof);
  const { details, accountSignature, deviceSignature } = signed;
  if (!details || !accountSignature || !deviceSignature)
    return 'The device-identity lacks its details or a signature.';
  if (!signed.accountSignatureKey || !accountKey.equals(signed.accountSignatureKey))
    return "The device-identity names another account's key.";
  const accountMessage = Buffer.concat([accountSignaturePrefix, details, identity]);
  if (!verify(accountKey, accountMessage, accountSignature))
    return "The account's signature in the device-identity does not hold.";
  const deviceMessage = Buffer.concat([deviceSignaturePrefix, details, identity, accountKey]);
  if (!verify(identity, deviceMessage, deviceSignature))
    return "The device's signature in the device-identity does not hold.";
  return '';
}
