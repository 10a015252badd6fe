import { isIP } from 'node:net';
import { isPermittedAddress } from './check-address.ts';

/** Where our requests to URLs of others may go. */
export interface OutboundPolicy {
  allowHttp: boolean;
  /**
   * Allows private and loopback addresses; link-local ones, where metadata services are, are never allowed.
   */
  allowPrivate: boolean;
}

/**
 * Production allows https to public addresses only. Elsewhere tenants may try things on their own machine.
 */
export function outboundPolicy(environment: string): OutboundPolicy {
  const open = environment !== 'PRODUCTION';
  return { allowHttp: open, allowPrivate: open };
}

const LOCAL_NAMES = /(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/i;

/**
 * Says what is wrong with a URL as it is written, as a sentence; `undefined` where nothing is. Names are
 * resolved and checked each time they are used.
 */
export function findUrlFault(text: string, { allowHttp, allowPrivate }: OutboundPolicy): string | undefined {
  if (!URL.canParse(text)) return 'use a complete URL such as https://example.com/hook';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:' && !(allowHttp && protocol === 'http:'))
    return allowHttp ? 'use an http(s) URL' : 'use an https URL';
  if (username !== '' || password !== '') return 'use a URL without credentials in it';
  const bare = hostname.replace(/^\[|\]$/g, '');
  const permitted =
    isIP(bare) === 0 ? allowPrivate || !LOCAL_NAMES.test(bare) : isPermittedAddress(bare, allowPrivate);
  if (!permitted) return 'use a host on the public internet; private and local addresses are not allowed';
  return undefined;
}

const BYTE = '([1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9])';
const HOST = `(([a-z0-9]+\\.)*[a-z]+|${BYTE}(\\.${BYTE}){3})`;

/**
 * Host and port of URLs that are certainly valid, for patterns in the OpenAPI document; others may be valid
 * too.
 */
export const HOST_PATTERN = `${HOST}(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?`;
