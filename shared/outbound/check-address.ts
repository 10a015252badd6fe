import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

/** Resolves every address of a name, as the system does. */
export const resolveAll: Resolve = async (hostname) => {
  const found = await dnsLookup(hostname, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/**
 * Tells whether an address is on the public internet: not private, loopback, link-local (where clouds keep
 * metadata services), carrier-grade NAT, multicast, reserved, nor an IPv6 form that contains such an IPv4
 * address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast';
  const ipv6 = parsed as ipaddr.IPv6;
  // Only 2000::/3 is global; 6to4, Teredo and NAT64 (64:ff9b::/96) lead to hidden IPv4 addresses.
  return ipv6.range() === 'unicast' && ((ipv6.parts[0] ?? 0) & 0xe000) === 0x2000;
}

const INSIDE = new Set(['loopback', 'private', 'uniqueLocal']);
/** The IPv6 addresses at which AWS answers with the credentials of a machine or a task. */
const AWS_METADATA = ipaddr.IPv6.parseCIDR('fd00:ec2::/32');

/**
 * Tells whether a request of ours may go to an address. Outside production that may be the developer's own
 * machine or network; link-local addresses are never allowed, because a deployed stage has its metadata
 * service there.
 */
export function isPermittedAddress(address: string, allowPrivate: boolean): boolean {
  if (isPublicAddress(address)) return true;
  if (!allowPrivate || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.match(AWS_METADATA)) return false;
  return INSIDE.has(parsed.range());
}

/**
 * Finds the addresses at which a host may be reached. All of its addresses must be permitted, because a name
 * that also resolves to a private address is an attempt to get inside. `undefined` where it may not be
 * reached.
 */
export async function checkHost(
  hostname: string,
  resolve: Resolve,
  allowPrivate: boolean,
): Promise<ResolvedAddress[] | undefined> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(bare);
  const found: ResolvedAddress[] =
    literal === 0 ? await resolve(bare) : [{ address: bare, family: literal === 6 ? 6 : 4 }];
  if (found.length === 0) return undefined;
  return found.every(({ address }) => isPermittedAddress(address, allowPrivate)) ? found : undefined;
}
