import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Table } from '../table/table.ts';

export const RESET_TTL_MS = 3_600_000;

/** Bound to the account's token version: the first change of password voids all other tokens. */
const PasswordReset = z.object({
  userId: z.string(),
  accountKey: z.string(),
  tokenVersion: z.number().int(),
  /** Milliseconds. */
  expiresAt: z.number(),
});
export type PasswordReset = z.infer<typeof PasswordReset>;

export interface PasswordResetStore {
  /** Issues a token for the account as it is; only its hash is stored. */
  issue(account: { userId: string; accountKey: string; tokenVersion: number }): Promise<string>;
  /** Returns `undefined` for a token that never existed or has expired. */
  find(token: string): Promise<PasswordReset | undefined>;
  discard(token: string): Promise<void>;
}

function keyOf(token: string) {
  return { pk: `RESET#${createHash('sha256').update(token).digest('base64url')}`, sk: 'RESET' };
}

/** `now` is in milliseconds. */
export function createPasswordResetStore(table: Table, now: () => number): PasswordResetStore {
  return {
    async issue({ userId, accountKey, tokenVersion }) {
      const token = randomBytes(32).toString('base64url');
      const expiresAt = now() + RESET_TTL_MS;
      const ttl = Math.ceil(expiresAt / 1000);
      await table.put({ ...keyOf(token), userId, accountKey, tokenVersion, expiresAt, ttl });
      return token;
    },
    async find(token) {
      const reset = await table.get(keyOf(token), PasswordReset);
      return reset === undefined || reset.expiresAt <= now() ? undefined : reset;
    },
    async discard(token) {
      await table.delete(keyOf(token));
    },
  };
}
