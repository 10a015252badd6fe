import type { Subscriber } from '../../shared/realtime/store.ts';
import type { Deps } from '../deps.ts';

/**
 * Closes an account's WebSocket connections: the ones opened with the key or of the session named, with logins
 * only, or all of them. An administrator's stand in a list of their own.
 */
export async function endConnections(
  deps: Deps,
  owner: { userId: string },
  which: { keyIds: readonly string[] } | 'logins' | 'all',
): Promise<void> {
  const { connections } = deps.stores;
  const lists = await Promise.all([connections.listOfUser(owner.userId), connections.listAdmins()]);
  const own = lists.flat().filter(({ userId }) => userId === owner.userId);
  const isMeant = ({ keyId }: Subscriber) => {
    if (which === 'all') return true;
    if (which === 'logins') return keyId === undefined;
    return keyId !== undefined && which.keyIds.includes(keyId);
  };
  await Promise.all(own.filter(isMeant).map((each) => deps.push.closeConnection(each)));
}
