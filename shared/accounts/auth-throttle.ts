import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { BucketStore, Taken } from '../limits/bucket-store.ts';
import { ADDRESS_RATE, LOGIN_RATE, RESET_RATE, STRANGER_LOGIN_RATE } from '../limits/rates.ts';
import type { Table } from '../table/table.ts';

export interface AuthThrottle {
  /** Counts any request to a public route of accounts. */
  takeForAddress(address: string): Promise<Taken>;
  /** Counts an attempt to log in, before the password is checked. */
  takeForLogin(accountKey: string, address: string): Promise<Taken>;
  /** From now on this address has a limit of its own, which strangers cannot use up. */
  trust(accountKey: string, address: string): Promise<void>;
  takeForReset(accountKey: string): Promise<Taken>;
}

const TRUST_TTL_MS = 30 * 24 * 3_600_000;

/** A home or an office has a whole /64 of IPv6 addresses, which count as one source. */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [
    ...groups,
    ...Array.from({ length: Math.max(0, missing) }, () => '0'),
    ...(tail?.split(':') ?? []),
  ];
  return all.slice(0, 4).join(':');
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
const item = (kind: string, id: string) => ({ pk: `THROTTLE#${kind}#${id}`, sk: 'THROTTLE' });
const pairKey = (accountKey: string, address: string) =>
  item('login', `${accountKey}#${digest(sourceOf(address))}`);

const Trusted = z.looseObject({ trustedUntil: z.number().optional() });

/** `now` is in milliseconds. */
export function createAuthThrottle(table: Table, buckets: BucketStore, now: () => number): AuthThrottle {
  return {
    takeForAddress: (address) =>
      buckets.take(item('address', digest(sourceOf(address))), [{ attribute: 'level', rate: ADDRESS_RATE }]),
    async takeForLogin(accountKey, address) {
      const own = [{ attribute: 'level', rate: LOGIN_RATE }];
      const pair = await buckets.take(pairKey(accountKey, address), own, TRUST_TTL_MS);
      if (!pair.allowed) return pair;
      const { trustedUntil = 0 } = Trusted.parse(pair.item);
      if (trustedUntil > now()) return pair;
      return await buckets.take(item('strangers', accountKey), [
        { attribute: 'level', rate: STRANGER_LOGIN_RATE },
      ]);
    },
    async trust(accountKey, address) {
      const trustedUntil = now() + TRUST_TTL_MS;
      const ttl = Math.ceil(trustedUntil / 1000);
      await table.update(pairKey(accountKey, address), { set: { trustedUntil, ttl } }, Trusted);
    },
    takeForReset: (accountKey) =>
      buckets.take(item('reset', accountKey), [{ attribute: 'level', rate: RESET_RATE }]),
  };
}
