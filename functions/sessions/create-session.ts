import { isSlotOf } from '../../shared/accounts/session-slot.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { createSession } from '../../shared/sessions/routes.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { asTenant } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { presentSession } from './confirm-sessions.ts';
import { newSessionId, sessionExists, takeSlot } from './take-slot.ts';

/** The session that an earlier try of the same request created before it broke off. */
async function findMade(deps: Deps, sessionId: string, seed: string): Promise<SessionItem | undefined> {
  const found = await deps.stores.sessions.get(sessionId);
  const isMade = found !== undefined && found.deletedAt === undefined && isSlotOf(found.slot, seed);
  return isMade ? found : undefined;
}

export const handler = implement(createSession, async ({ caller, body, seed }, deps) => {
  const tenant = asTenant(caller);
  if (tenant.kind === 'apiKey' && tenant.sessionId !== undefined)
    throw new AppError('FORBIDDEN', 'This key reaches its own session only. Use a key of the account.');
  const { accounts, sessions } = deps.stores;
  const account = await accounts.findByUserId(tenant.userId, tenant.accountKey);
  if (account === undefined) throw new AppError('UNAUTHORIZED', 'This account does not exist any more.');

  const { userId, accountKey } = account;
  const sessionId = newSessionId(userId, body.name);
  const made = seed === undefined ? undefined : await findMade(deps, sessionId, seed);
  if (made !== undefined) return { data: await presentSession(deps, made), status: 201 };
  const slot = await takeSlot(account, sessionId, deps, seed);
  const { name, description = null } = body;
  const session = await sessions.create({ sessionId, userId, accountKey, slot, name, description });
  if (session === undefined) {
    await accounts.freeSlots(accountKey, [slot]);
    throw sessionExists();
  }
  return { data: await presentSession(deps, session), status: 201 };
});
