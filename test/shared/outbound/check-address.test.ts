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
  const noName = async () => [];
  const outside = { address: '93.184.216.34', family: 4 as const };
  it('a host is refused when one of its addresses is private, however public the others', async () => {
    const both = async () => [outside, { address: '10.0.0.1', family: 4 as const }];
    expect(await checkHost('example.com', both, false)).toBeUndefined();
  });
  it('a host is refused without an address', async () => {
    expect(await checkHost('example.com', async () => [], false)).toBeUndefined();
  });
  it('a host is reached at the addresses that were checked', async () => {
    expect(await checkHost('example.com', async () => [outside], false)).toEqual([outside]);
  });
  it.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '::1', 'fd12:3456::1', '::ffff:10.0.0.1'])(
    'at %s is reached where private addresses are allowed',
    async (address) => {
      expect(await checkHost(address, noName, true)).toHaveLength(1);
    },
  );
  it.each([
    ...['169.254.169.254', '169.254.170.2', '[fe80::1]', '[fd00:ec2::254]', '[fd00:ec2::23]'],
    ...['100.100.100.200', '0.0.0.0', '[::ffff:169.254.169.254]', '[64:ff9b::a9fe:a9fe]', '224.0.0.1'],
  ])(
    'a host at %s is refused even there: clouds keep their credentials at such addresses',
    async (address) => {
      expect(await checkHost(address, noName, true)).toBeUndefined();
    },
  );
  it('a host is refused even there when its name leads to a metadata service', async () => {
    const metadata = async () => [outside, { address: '169.254.169.254', family: 4 as const }];
    expect(await checkHost('rebind.example', metadata, true)).toBeUndefined();
  });
});
