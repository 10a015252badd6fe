import { describe, expect, it } from 'vitest';
import { mayBeWorker } from '../../../shared/administration/endpoint-guard.ts';

const check = (endpoint: string, addresses: string[] = [], allowLoopback = false) =>
  mayBeWorker(endpoint, {
    allowLoopback,
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });

describe('the endpoint of a worker', () => {
  it('the endpoint of a worker may be public or private', async () => {
    expect(await check('http://10.0.0.5:8001')).toBe(true);
    expect(await check('https://worker.example.com', ['93.184.216.34'])).toBe(true);
  });

  it('the endpoint of a worker is never where clouds keep their metadata, by name or by number', async () => {
    expect(await check('http://169.254.169.254')).toBe(false);
    expect(await check('http://[fe80::1]:8001')).toBe(false);
    expect(await check('http://[::ffff:169.254.169.254]')).toBe(false);
    expect(await check('http://worker.example.com', ['10.0.0.5', '169.254.170.2'])).toBe(false);
  });

  it('the endpoint of a worker is on this machine in development only', async () => {
    expect(await check('http://127.0.0.1:8001')).toBe(false);
    expect(await check('http://127.0.0.1:8001', [], true)).toBe(true);
  });
});
