import { revokeApiKey } from '../../shared/accounts/keys/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { asUser } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { endConnections } from './end-connections.ts';

export const handler = implement(revokeApiKey, async ({ caller, params: { keyId } }, deps) => {
  const owner = asUser(caller);
  if (!(await deps.stores.apiKeys.revoke(owner.userId, keyId)))
    throw new AppError('NOT_FOUND', 'There is no key with this id.');
  await endConnections(deps, owner, { keyIds: [keyId] });
  return { data: { keyId } };
});
