import * as z from 'zod';
import { TIERS } from '../limits/rates.ts';
import { caseless } from '../text/slug.ts';
import { nameOf, text } from '../text/text.ts';

const ROLES = ['USER', 'ADMIN'] as const;
export const Role = caseless(ROLES).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export const Tier = caseless(TIERS).meta({ id: 'Tier' });
export type Tier = z.infer<typeof Tier>;

export const ShownTier = z.enum(TIERS).meta({ id: 'Tier' });

/** Trimmed and lower-cased, so that one mailbox is one account. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email('use an e-mail address such as ada@example.com'))
  .meta({
    pattern: "^[A-Za-z0-9_+-]+([.'][A-Za-z0-9_+-]+)*@([A-Za-z0-9][A-Za-z0-9-]*\\.)+[A-Za-z]{2,}$",
    examples: ['ada@example.com'],
  });

/** Length makes a password hard to guess, so there are no rules about its characters. */
export const Password = text()
  .min(8, 'use at least 8 characters')
  .max(200, 'use at most 200 characters')
  .meta({ examples: ['a long pass phrase'] });

export const Name = nameOf(100).meta({ examples: ['Ada'] });

export const UserParams = z.object({ userId: z.string().min(1).max(128) });

/** An account as its owner sees it. */
export const User = z
  .object({
    userId: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES).meta({ id: 'Role' }),
    tier: ShownTier,
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** An account as administrators see it. */
export const Account = User.extend({
  disabled: z.boolean(),
  sessionCount: z.number().int(),
  sessionLimit: z.number().int(),
  createdAt: z.iso.datetime(),
}).meta({ id: 'Account' });
export type Account = z.infer<typeof Account>;

/** The tokens of a login; `expiresIn` is the access token's life in seconds. */
export const Login = z
  .object({
    user: User,
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresIn: z.number().int(),
  })
  .meta({ id: 'Login' });
export type Login = z.infer<typeof Login>;
