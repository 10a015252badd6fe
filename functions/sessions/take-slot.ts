import type { AccountItem } from '../../shared/accounts/account-item.ts';
import { isPastGrace, newSlot, sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { SESSION_LIMITS } from '../../shared/accounts/tiers.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Deps } from '../deps.ts';

/** Slots whose creation broke off: old enough, and no session holds them. */
async function abandonedSlots(account: AccountItem, deps: Deps): Promise<string[]> {
  const old = [...account.sessionIds].filter((slot) => isPastGrace(slot, deps.now()));
  const sessions = await deps.stores.sessions.getMany(old.map(sessionIdOf));
  const held = new Set(sessions.filter(({ deletedAt }) => deletedAt === undefined).map(({ slot }) => slot));
  return old.filter((slot) => !held.has(slot));
}

/**
 * Takes one of the account's slots for a session about to be created.
 * @throws AppError SESSION_EXISTS, SESSION_LIMIT_REACHED
 */
export async function takeSlot(account: AccountItem, sessionId: string, deps: Deps): Promise<string> {
  const { accounts, sessions } = deps.stores;
  const limit = SESSION_LIMITS[account.tier];
  const slot = newSlot(sessionId, deps.now());
  if (await accounts.takeSlot(account.accountKey, slot, limit)) return slot;

  const current = await accounts.findByUserId(account.userId, account.accountKey);
  const abandoned = current === undefined ? [] : await abandonedSlots(current, deps);
  await accounts.freeSlots(account.accountKey, abandoned);
  if (abandoned.length > 0 && (await accounts.takeSlot(account.accountKey, slot, limit))) return slot;

  const existing = await sessions.get(sessionId);
  if (existing !== undefined && existing.deletedAt === undefined) throw sessionExists();
  throw new AppError(
    'SESSION_LIMIT_REACHED',
    `The ${account.tier} tier has ${limit} session${limit === 1 ? '' : 's'} at once. Delete one, or change the tier.`,
  );
}

export const sessionExists = () =>
  new AppError('SESSION_EXISTS', 'There is a session of this name already. Choose another name.');
