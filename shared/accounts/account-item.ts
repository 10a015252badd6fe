import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TIERS } from '../limits/rates.ts';
import type { User } from './schema.ts';

export const AccountItem = z.object({
  accountKey: z.string(),
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(['USER', 'ADMIN']),
  tier: z.enum(TIERS),
  passwordHash: z.string(),
  disabled: z.boolean().default(false),
  /** Access and refresh tokens of an older version have ended. */
  tokenVersion: z.number().int().default(0),
  /** Rises with every change except those of sessions. */
  rev: z.number().int().default(0),
  /** One entry per session, `<sessionId>#<milliseconds>.<random>`, so that each creation has its own. */
  sessionIds: z.set(z.string()).default(new Set()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type AccountItem = z.infer<typeof AccountItem>;

/** Accounts are keyed by e-mail address, so that one conditional put keeps the address unique. */
export const accountKeyOf = (email: string) => createHash('sha256').update(email).digest('hex');

export const accountItemKey = (accountKey: string) => ({ pk: `ACCOUNT#${accountKey}`, sk: 'ACCOUNT' });
export const userPointerKey = (userId: string) => ({ pk: `USER#${userId}`, sk: 'USER' });

export const UserPointer = z.object({ userId: z.string(), accountKey: z.string() });

export function toUser({ userId, email, name, role, tier }: AccountItem): User {
  return { userId, email, name, role, tier };
}
