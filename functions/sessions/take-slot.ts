import { createHash } from 'node:crypto';
import type { AccountItem } from '../../shared/accounts/account-item.ts';
import { isPastGrace, newSlot, sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { SESSION_LIMITS } from '../../shared/limits/rates.ts';
import { normalizeSlug } from '../../shared/text/slug.ts';
import type { Deps } from '../deps.ts';

/** Session ids of an account whose creation broke off: they are old enough, and no session has them. */
async function abandonedSlots(account: AccountItem, deps: Deps): Promise<string[]> {
  const old = [...account.sessionIds].filter((slot) => isPastGrace(slot, deps.now()));
  const sessions = await deps.stores.sessions.getMany(old.map(sessionIdOf));
  const held = new Set(sessions.filter(({ deletedAt }) => deletedAt === undefined).map(({ slot }) => slot));
  return old.filter((slot) => !held.has(slot));
}

async function isTaken(account: AccountItem, sessionId: string, deps: Deps): Promise<boolean> {
  if (![...account.sessionIds].some((slot) => sessionIdOf(slot) === sessionId)) return false;
  const session = await deps.stores.sessions.get(sessionId);
  return session !== undefined && session.deletedAt === undefined;
}

/**
 * Takes one of the sessions that the account's tier allows.
 * @throws AppError SESSION_EXISTS, SESSION_LIMIT_REACHED
 */
export async function takeSlot(
  account: AccountItem,
  sessionId: string,
  deps: Deps,
  seed?: string,
): Promise<string> {
  const { accounts } = deps.stores;
  const limit = SESSION_LIMITS[account.tier];
  const slot = newSlot(sessionId, deps.now(), seed);
  if (await accounts.takeSlot(account.accountKey, slot, limit)) return slot;

  // An id that is old enough to be abandoned now was already there when the account was read.
  const abandoned = await abandonedSlots(account, deps);
  await accounts.freeSlots(account.accountKey, abandoned);
  if (abandoned.length > 0 && (await accounts.takeSlot(account.accountKey, slot, limit))) return slot;

  if (await isTaken(account, sessionId, deps)) throw sessionExists();
  throw new AppError(
    'SESSION_LIMIT_REACHED',
    `The ${account.tier} tier has ${limit} session${limit === 1 ? '' : 's'} at once. Delete one, or change the tier.`,
  );
}

export const sessionExists = () =>
  new AppError('SESSION_EXISTS', 'There is a session of this name already. Choose another name.');

/**
 * Session ids are `<userId>-<slug of name>`; a name without a Latin letter or digit is replaced by its hash.
 */
export function newSessionId(userId: string, name: string): string {
  const slug = normalizeSlug(name) || createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${userId}-${slug}`;
}
