import type { Deps } from '../deps.ts';
import { answerFrame } from './answer-frame.ts';
import { openConnection } from './open-connection.ts';
import { frameOf, type RealtimeEvent, type RealtimeResult } from './realtime-event.ts';

export type RealtimeFunction = (event: RealtimeEvent) => Promise<RealtimeResult>;

const DONE: RealtimeResult = { statusCode: 200 };

async function closeConnection(connectionId: string, deps: Deps): Promise<RealtimeResult> {
  const connection = await deps.stores.connections.get(connectionId);
  if (connection !== undefined) await deps.stores.connections.close(connection);
  return DONE;
}

async function takeFrame(event: RealtimeEvent, deps: Deps): Promise<RealtimeResult> {
  const { connectionId } = event.requestContext;
  const connection = await deps.stores.connections.get(connectionId);
  if (connection === undefined || connection.expiresAt <= deps.now()) {
    await deps.push.closeConnection(connection ?? { connectionId, userId: '', admin: false });
    return DONE;
  }
  for (const outgoing of await answerFrame(connection, frameOf(event), deps))
    await deps.push.toConnection(connectionId, outgoing);
  return DONE;
}

/** The function behind the WebSocket API: `$connect`, `$disconnect`, and `$default` for every frame. */
export function realtimeFunction(deps: Deps): RealtimeFunction {
  return async (event) => {
    const { routeKey, connectionId } = event.requestContext;
    try {
      if (routeKey === '$connect') return await openConnection(event, deps);
      if (routeKey === '$disconnect') return await closeConnection(connectionId, deps);
      return await takeFrame(event, deps);
    } catch (error) {
      deps.log.error({ err: error, connectionId, routeKey }, 'a WebSocket event failed');
      return { statusCode: 500 };
    }
  };
}
