import { AppError } from '../../shared/errors/app-error.ts';
import { createSession } from '../../shared/sessions/routes.ts';
import { toSession } from '../../shared/sessions/session-item.ts';
import { asTenant } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { newSessionId } from './new-session-id.ts';
import { sessionExists, takeSlot } from './take-slot.ts';

export const handler = implement(createSession, async ({ caller, body }, deps) => {
  const tenant = asTenant(caller);
  if (tenant.kind === 'apiKey' && tenant.sessionId !== undefined)
    throw new AppError('FORBIDDEN', 'This key reaches its own session only. Use a key of the account.');
  const { accounts, sessions } = deps.stores;
  const account = await accounts.findByUserId(tenant.userId, tenant.accountKey);
  if (account === undefined) throw new AppError('UNAUTHORIZED', 'This account does not exist any more.');

  const { userId, accountKey } = account;
  const sessionId = newSessionId(userId, body.name);
  const slot = await takeSlot(account, sessionId, deps);
  const { name, description = null } = body;
  const session = await sessions.create({ sessionId, userId, accountKey, slot, name, description });
  if (session === undefined) {
    await accounts.freeSlots(accountKey, [slot]);
    throw sessionExists();
  }
  return { data: toSession(session), status: 201 };
});
