import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Resolve } from '../outbound/check-address.ts';

/** Where no worker is: metadata services of clouds, this machine in production, addresses of many. */
const NEVER = new Set(['linkLocal', 'multicast', 'broadcast', 'unspecified', 'reserved']);

/**
 * Whether an administrator's endpoint may be called. Workers have private addresses, so those are allowed; what
 * clouds keep at link-local ones is not. Every address of a name counts.
 */
export async function mayBeWorker(
  endpoint: string,
  { resolve, allowLoopback }: { resolve: Resolve; allowLoopback: boolean },
): Promise<boolean> {
  const hostname = new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
  try {
    const addresses =
      isIP(hostname) === 0 ? (await resolve(hostname)).map(({ address }) => address) : [hostname];
    return addresses.every((address) => {
      const range = ipaddr.process(address).range();
      return !NEVER.has(range) && (allowLoopback || range !== 'loopback');
    });
  } catch {
    // A name that leads nowhere is found out by calling it.
    return true;
  }
}
