import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface SignerOptions {
  service: string;
  region: string;
  /** Asked for each signature, since temporary ones change. */
  credentials: () => Promise<Credentials>;
}

/** The signer asks for a class that makes SHA-256 digests and, given a secret, HMACs. */
class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super('sha256', secret);
  }
}

/** Signature Version 4, by the very code that every AWS client brings along: it adds nothing to a bundle. */
export function createSigner({ service, region, credentials }: SignerOptions): SignatureV4 {
  // S3 alone takes paths encoded once.
  return new SignatureV4({ credentials, region, service, sha256: Sha256, uriEscapePath: service !== 's3' });
}
