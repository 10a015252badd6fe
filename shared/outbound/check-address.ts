import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

/** Every address of a name, as the system resolves it. */
export const resolveAll: Resolve = async (hostname) => {
  const found = await dnsLookup(hostname, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/**
 * Whether an address is on the public internet: not private, loopback, link-local (where clouds keep their
 * metadata services), carrier-grade NAT, multicast, reserved, nor an IPv6 form that carries such an IPv4 one.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast';
  const ipv6 = parsed as ipaddr.IPv6;
  // Only 2000::/3 is global; 6to4, Teredo and NAT64 (64:ff9b::/96) lead to IPv4 addresses unseen here.
  return ipv6.range() === 'unicast' && ((ipv6.parts[0] ?? 0) & 0xe000) === 0x2000;
}

const INSIDE = new Set(['loopback', 'private', 'uniqueLocal']);
/** Where AWS answers over IPv6 with the credentials of a machine or a task. */
const AWS_METADATA = ipaddr.IPv6.parseCIDR('fd00:ec2::/32');

/**
 * Whether a request of ours may go to an address. Outside production that may be one's own machine or network;
 * link-local addresses and the like are never for tenants: a deployed stage has its metadata service there.
 */
export function isPermittedAddress(address: string, allowPrivate: boolean): boolean {
  if (isPublicAddress(address)) return true;
  if (!allowPrivate || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.match(AWS_METADATA)) return false;
  return INSIDE.has(parsed.range());
}

/**
 * The addresses that a host may be reached at. All of its addresses must be permitted, not just one: a name
 * that also answers with a private address is an attempt to get inside.
 * `undefined` where it may not be reached.
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
