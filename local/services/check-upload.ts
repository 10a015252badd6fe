import type { IncomingHttpHeaders } from 'node:http';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';

/** The answers of S3, word for word. */
export const SIGNATURE_DOES_NOT_MATCH = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>`;

const PAYLOAD = 'X-Amz-Content-Sha256';
/** What the signer adds by itself when it signs anew. */
const SIGNERS_OWN = /^X-Amz-(Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)$/;

interface SentRequest {
  method: string;
  /** The path and the query, as they were sent. */
  url: string;
  headers: IncomingHttpHeaders;
}

/** The signer asks for a class that makes SHA-256 digests and, given a secret, HMACs. */
class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super('sha256', secret);
  }
}

export const createUploadSigner = (
  region: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): SignatureV4 =>
  new SignatureV4({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false });

/** `20261121T100000Z`, in milliseconds. */
const parseTime = (text: string) =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/**
 * Checks whether a request is what its pre-signed URL was signed for, headers included, by signing it again.
 * Requests signed in another way are not checked here.
 */
export async function isAsSigned(
  signer: SignatureV4,
  { method, url, headers }: SentRequest,
): Promise<boolean> {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url, `http://${headers.host}`);
  const given = searchParams.get('X-Amz-Signature');
  if (given === null || method !== 'PUT') return true;
  const signingDate = new Date(parseTime(searchParams.get('X-Amz-Date') ?? ''));
  const expiresIn = Number(searchParams.get('X-Amz-Expires'));
  if (Number.isNaN(signingDate.getTime()) || !Number.isInteger(expiresIn)) return false;
  const names = (searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
  // Whether the body's digest is a parameter is up to whoever signs; that it is not part of it is said either way.
  const isParameter = searchParams.has(PAYLOAD);
  const kept = isParameter ? new Set(names) : new Set([...names, PAYLOAD.toLowerCase()]);
  const again = await signer.presign(
    {
      method,
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname,
      query: Object.fromEntries(
        [...searchParams].filter(([name]) => !SIGNERS_OWN.test(name) && name !== PAYLOAD),
      ),
      headers: { ...signed, host, [PAYLOAD]: 'UNSIGNED-PAYLOAD' },
    },
    {
      expiresIn,
      signingDate,
      unhoistableHeaders: kept,
      unsignableHeaders: new Set([PAYLOAD.toLowerCase()]),
      signableHeaders: new Set(names),
    },
  );
  return again.query?.['X-Amz-Signature'] === given;
}
