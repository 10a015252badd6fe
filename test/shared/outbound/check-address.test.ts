import { describe, expect, it } from 'vitest';
import { checkHost, isPublicAddress } from '../../../shared/outbound/check-address.ts';

const INSIDE = [
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
  ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.2.1', '240.0.0.1'],
  ...['::1', '::', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1'],
  ...['::ffff:169.254.169.254', '::ffff:10.0.0.1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', 'not an address'],
];

describe('an address', () => {
  it.each(INSIDE)('%s is not on the public internet', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  it.each(['93.184.216.34', '8.8.8.8', '2606:4700:4700::1111'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('a host', () => {
  const outside = { address: '93.184.216.34', family: 4 as const };
  it('is refused when one of its addresses is private, however public the others', async () => {
    const both = async () => [outside, { address: '10.0.0.1', family: 4 as const }];
    expect(await checkHost('example.com', both, false)).toBeUndefined();
  });
  it('is refused without an address', async () => {
    expect(await checkHost('example.com', async () => [], false)).toBeUndefined();
  });
  it('is reached at the addresses that were checked', async () => {
    expect(await checkHost('example.com', async () => [outside], false)).toEqual([outside]);
  });
});
