import PQueue from 'p-queue';
import { deleteUser } from '../../shared/accounts/routes.ts';
import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { asUser } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { removeSession } from '../sessions/lifecycle/remove-session.ts';
import { endConnections } from './end-connections.ts';
import { changeAccount, findAccount } from './find-account.ts';

const CONCURRENCY = 10;

/**
 * Credentials end first, then sessions, and the account itself last: a deletion that breaks off leaves a
 * disabled account, and repeating it finishes the job.
 */
export const handler = implement(deleteUser, async ({ caller, params: { userId }, requestId }, deps) => {
  if (asUser(caller).userId === userId)
    throw new AppError('CONFLICT', 'You cannot delete your own account. Another administrator can.');
  const { accountChanges, apiKeys, sessions, webhooks } = deps.stores;
  const found = await findAccount(deps, userId);
  const account = await changeAccount(deps, found, (current) =>
    accountChanges.administer(current, { disabled: true }),
  );
  const sessionIds = [...account.sessionIds].map(sessionIdOf);
  const [keys, items] = await Promise.all([
    apiKeys.listOfUser(userId, sessionIds),
    sessions.getMany(sessionIds),
    endConnections(deps, account, 'all'),
  ]);
  await Promise.all(keys.map(({ keyId }) => apiKeys.revoke(userId, keyId)));
  const own = items.filter((session) => session.userId === userId && session.deletedAt === undefined);
  const queue = new PQueue({ concurrency: CONCURRENCY });
  await queue.addAll(own.map((session) => () => removeSession(deps, session, requestId)));
  const hooks = await webhooks.list(userId);
  await Promise.all(hooks.map(({ webhookId }) => webhooks.delete(userId, webhookId)));
  await accountChanges.remove(account);
  return { data: { userId, sessionsRemoved: own.length } };
});
