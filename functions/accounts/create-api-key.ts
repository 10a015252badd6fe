import { createApiKey } from '../../shared/accounts/keys/routes.ts';
import { MAX_KEYS_PER_ACCOUNT } from '../../shared/accounts/keys/store.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { asUser } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { toIssued } from './to-api-key.ts';

export const handler = implement(createApiKey, async ({ caller, body }, deps) => {
  const { userId, accountKey } = asUser(caller);
  const { name, mode } = body;
  const session =
    body.sessionId === undefined ? undefined : await findOwnSession(deps, caller, body.sessionId);
  const { sessionId } = session ?? {};
  const drawn = await deps.stores.apiKeys.create({ userId, accountKey, mode, name, sessionId });
  if (drawn === undefined)
    throw new AppError('CONFLICT', `An account has ${MAX_KEYS_PER_ACCOUNT} keys at most. Revoke one first.`);
  return { data: toIssued(drawn), status: 201 };
});
