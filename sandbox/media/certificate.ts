import { randomBytes } from 'node:crypto';
import { generate } from 'selfsigned';

export type Certificate = { key: string; cert: string };

const validDays = 3650;

/**
 * A certificate for 127.0.0.1 that is its own authority: clients take it by NODE_EXTRA_CA_CERTS. The
 * address must be an IP entry, for TLS does not match addresses against names. Each has a name of its own: a
 * client that trusts two would otherwise look for an issuer by the name and find the wrong key.
 */
export async function createCertificate(): Promise<Certificate> {
  const commonName = `WhatsApp sandbox ${randomBytes(8).toString('hex')}`;
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + validDays * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}
