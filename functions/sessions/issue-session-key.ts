import { issueSessionKey } from '../../shared/accounts/keys/routes.ts';
import { endConnections } from '../accounts/end-connections.ts';
import { toIssued } from '../accounts/to-api-key.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(issueSessionKey, async ({ caller, params }, deps) => {
  const { sessionId, userId, accountKey } = await findOwnSession(deps, caller, params.sessionId);
  const drawn = await deps.stores.apiKeys.issueForSession({ userId, accountKey, sessionId, mode: 'live' });
  // The old key had the same id, so connections opened with it are closed.
  await endConnections(deps, { userId }, { keyIds: [drawn.item.keyId] });
  return { data: toIssued(drawn), status: 201 };
});
