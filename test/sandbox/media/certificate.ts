import { generate } from 'selfsigned';

export type Certificate = { key: string; cert: string };

const validDays = 3650;

/**
 * A certificate for 127.0.0.1 that is its own authority: clients take it by NODE_EXTRA_CA_CERTS. The
 * address must be an IP entry, for TLS does not match addresses against names.
 */
export async function createCertificate(): Promise<Certificate> {
  const pems = await generate([{ name: 'commonName', value: 'WhatsApp sandbox' }], {
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
