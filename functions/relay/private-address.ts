import { BlockList, isIPv4 } from 'node:net';

/** RFC 1918: where workers inside a VPC stand. Never this machine, the metadata service, or the internet. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);

export function isPrivateAddress(host: string): boolean {
  return isIPv4(host) && PRIVATE.check(host);
}
