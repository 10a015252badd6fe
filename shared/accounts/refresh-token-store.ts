import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { above, all, equals } from '../table/condition.ts';
import type { Table } from '../table/table.ts';

export const REFRESH_TOKEN_TTL_MS = 30 * 24 * 3_600_000;

/** All refresh tokens that descend from one login; only the newest works. */
const Family = z.object({
  familyId: z.string(),
  userId: z.string(),
  accountKey: z.string(),
  /** The account's token version at login: a change of password or rights ends the family. */
  tokenVersion: z.number().int().default(0),
  tokenHash: z.string(),
  startedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type RefreshFamily = z.infer<typeof Family>;

export type Rotation =
  | { outcome: 'rotated'; refreshToken: string; family: RefreshFamily }
  | { outcome: 'refused' };

export interface RefreshTokenStore {
  start(owner: { userId: string; accountKey: string; tokenVersion?: number }): Promise<string>;
  /** A token that is used twice is taken for stolen, and its whole family ends. */
  rotate(refreshToken: string): Promise<Rotation>;
  revoke(refreshToken: string): Promise<void>;
}

const keyOf = (familyId: string) => ({ pk: `REFRESH#${familyId}`, sk: 'REFRESH' });
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const random = () => randomBytes(32).toString('base64url');

const FORMAT = /^([\w-]{20,64})\.([\w-]{20,64})$/;

function parse(refreshToken: string): { familyId: string; secret: string } | undefined {
  const [, familyId, secret] = FORMAT.exec(refreshToken) ?? [];
  return familyId === undefined || secret === undefined ? undefined : { familyId, secret };
}

/** `now` is in milliseconds. */
export function createRefreshTokenStore(table: Table, now: () => number): RefreshTokenStore {
  const expiry = () => {
    const expiresAt = now() + REFRESH_TOKEN_TTL_MS;
    return { expiresAt: new Date(expiresAt).toISOString(), ttl: Math.ceil(expiresAt / 1000) };
  };
  return {
    async start({ userId, accountKey, tokenVersion = 0 }) {
      const familyId = randomBytes(18).toString('base64url');
      const secret = random();
      const startedAt = new Date(now()).toISOString();
      const tokenHash = hashOf(secret);
      await table.put({
        ...keyOf(familyId),
        familyId,
        userId,
        accountKey,
        tokenVersion,
        tokenHash,
        startedAt,
        ...expiry(),
      });
      return `${familyId}.${secret}`;
    },
    async rotate(refreshToken) {
      const presented = parse(refreshToken);
      if (presented === undefined) return { outcome: 'refused' };
      const key = keyOf(presented.familyId);
      const secret = random();
      const tokenHash = hashOf(secret);
      const renewed = await table.update(
        key,
        {
          set: { tokenHash, ...expiry() },
          condition: all(
            equals('tokenHash', hashOf(presented.secret)),
            above('expiresAt', new Date(now()).toISOString()),
          ),
        },
        Family,
      );
      const family = renewed ?? (await table.get(key, Family));
      // The SDK repeats a write that timed out; the hash distinguishes our own first try from a used token.
      if (family !== undefined && family.tokenHash === tokenHash) {
        return { outcome: 'rotated', refreshToken: `${presented.familyId}.${secret}`, family };
      }
      if (family !== undefined) await table.delete(key);
      return { outcome: 'refused' };
    },
    async revoke(refreshToken) {
      const presented = parse(refreshToken);
      if (presented !== undefined) await table.delete(keyOf(presented.familyId));
    },
  };
}
