import type { IncomingHttpHeaders } from 'node:http';
import type { SignatureV4 } from '@smithy/signature-v4';
import { describeRequest } from '../../shared/aws/signed-fetch.ts';

/** The answers of S3, word for word. */
export const SIGNATURE_DOES_NOT_MATCH = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>`;

const PAYLOAD = 'x-amz-content-sha256';

interface SentRequest {
  method: string;
  /** The path and the query, as they were sent. */
  url: string;
  headers: IncomingHttpHeaders;
}

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
  const base = new URL(url, `http://${headers.host}`);
  const { searchParams } = base;
  const given = searchParams.get('X-Amz-Signature');
  if (given === null || method !== 'PUT') return true;
  const signingDate = new Date(parseTime(searchParams.get('X-Amz-Date') ?? ''));
  const expiresIn = Number(searchParams.get('X-Amz-Expires'));
  if (Number.isNaN(signingDate.getTime()) || !Number.isInteger(expiresIn)) return false;
  const names = (searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
  const query = Object.fromEntries([...searchParams].filter(([name]) => !name.startsWith('X-Amz-')));
  const again = await signer.presign(
    describeRequest(base, { method, query, headers: { ...signed, [PAYLOAD]: 'UNSIGNED-PAYLOAD' } }),
    {
      expiresIn,
      signingDate,
      unhoistableHeaders: new Set([...names, PAYLOAD]),
      unsignableHeaders: new Set([PAYLOAD]),
    },
  );
  return again.query?.['X-Amz-Signature'] === given;
}
