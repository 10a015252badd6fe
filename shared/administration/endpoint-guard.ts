import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Resolve } from '../outbound/check-address.ts';

/** Addresses where no worker is: metadata services of clouds, this machine in production, multicast. */
const NEVER = new Set(['linkLocal', 'multicast', 'broadcast', 'unspecified', 'reserved']);

/**
 * Tells whether an administrator's endpoint may be called. Workers have private addresses, so those are
 * allowed; link-local ones, where clouds keep metadata, are not. Every address of a name counts.
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
    // Calling a name that does not resolve shows that it does not.
    return true;
  }
}
