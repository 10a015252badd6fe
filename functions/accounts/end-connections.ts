import type { Subscriber } from '../../shared/realtime/store.ts';
import type { Deps } from '../deps.ts';

/**
 * Closes WebSocket connections of an account: all of them, those opened by a login, those opened with one
 * key, or those limited to one session. Connections of administrators are listed separately.
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
