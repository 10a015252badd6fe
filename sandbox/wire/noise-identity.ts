import { proto } from '@whiskeysockets/baileys';
import { generateKeyPair, type KeyPair, sign } from '../signal/curve.ts';

/** The server's long-term keys: the root that clients trust, the intermediate, and the server's own. */
export type NoiseIdentity = { root: KeyPair; intermediate: KeyPair; server: KeyPair };

export function createNoiseIdentity(): NoiseIdentity {
  return { root: generateKeyPair(), intermediate: generateKeyPair(), server: generateKeyPair() };
}

/** Baileys demands `issuerSerial` 0 of the intermediate (`WA_CERT_DETAILS.SERIAL`, noise-handler.js). */
export function certificateChain(identity: NoiseIdentity): Buffer {
  const { Details } = proto.CertChain.NoiseCertificate;
  const intermediate = Details.encode({
    serial: 1,
    issuerSerial: 0,
    key: identity.intermediate.public,
  }).finish();
  const leaf = Details.encode({ serial: 2, issuerSerial: 1, key: identity.server.public }).finish();
  return Buffer.from(
    proto.CertChain.encode({
      intermediate: { details: intermediate, signature: sign(identity.root.private, intermediate) },
      leaf: { details: leaf, signature: sign(identity.intermediate.private, leaf) },
    }).finish(),
  );
}
