import { AppError } from '../../shared/errors/app-error.ts';
import { renderError } from '../../shared/errors/render-error.ts';
import type { Deps } from '../deps.ts';
import { identify } from '../http/authenticate.ts';
import type { TenantCaller } from '../http/caller.ts';
import { endedCredential, guarded } from '../http/rate-limit.ts';
import { headerOf, type RealtimeEvent, type RealtimeResult } from './realtime-event.ts';

/** API keys do not expire; API Gateway closes every connection after two hours. */
const MAX_LIFE_MS = 2 * 3_600_000;

interface Credential {
  token: string;
  /** Browsers close a socket whose server chooses none of their protocols. */
  protocol: string | undefined;
}

function findCredential(event: RealtimeEvent): Credential | undefined {
  const fromQuery = event.queryStringParameters?.['token'];
  if (fromQuery) return { token: fromQuery, protocol: undefined };
  const [protocol, token] = (headerOf(event, 'sec-websocket-protocol') ?? '')
    .split(',')
    .map((part) => part.trim());
  return protocol === 'bearer' && token ? { token, protocol } : undefined;
}

/**
 * Checks the credential after listing the connection: whoever ends the credential from now on finds the
 * connection and closes it.
 * @throws AppError UNAUTHORIZED where the credential has already ended
 */
async function requireLive(
  connectionId: string,
  token: string,
  caller: TenantCaller,
  deps: Deps,
): Promise<void> {
  const [isLive] = await Promise.all([deps.stores.guard.isLive(guarded(caller)), identify(token, deps)]);
  if (isLive) return;
  const connection = await deps.stores.connections.get(connectionId);
  if (connection !== undefined) await deps.stores.connections.close(connection);
  throw endedCredential();
}

async function open(event: RealtimeEvent, deps: Deps): Promise<RealtimeResult> {
  const credential = findCredential(event);
  if (credential === undefined)
    throw new AppError('UNAUTHORIZED', 'Connect with ?token=… or the sub-protocols "bearer, <token>".');
  const caller = await identify(credential.token, deps);
  if (caller.kind !== 'user' && caller.kind !== 'apiKey')
    throw new AppError('UNAUTHORIZED', 'Connect with the token of a tenant.');
  const { userId, accountKey } = caller;
  await deps.stores.connections.open({
    connectionId: event.requestContext.connectionId,
    userId,
    accountKey,
    admin: caller.kind === 'user' && caller.role === 'ADMIN',
    ...(caller.kind === 'apiKey' && caller.sessionId !== undefined ? { sessionId: caller.sessionId } : {}),
    ...(caller.kind === 'apiKey' ? { keyId: caller.keyId } : {}),
    expiresAt: caller.kind === 'user' ? caller.expiresAt : deps.now() + MAX_LIFE_MS,
  });
  await requireLive(event.requestContext.connectionId, credential.token, caller, deps);
  const { protocol } = credential;
  return {
    statusCode: 200,
    ...(protocol === undefined ? {} : { headers: { 'Sec-WebSocket-Protocol': protocol } }),
  };
}

/** Any answer but 200 keeps the socket from opening. */
export async function openConnection(event: RealtimeEvent, deps: Deps): Promise<RealtimeResult> {
  const { requestId = event.requestContext.connectionId } = event.requestContext;
  try {
    return await open(event, deps);
  } catch (error) {
    const { status, body, expected } = renderError(error, requestId);
    if (!expected) deps.log.error({ err: error, requestId }, 'a connection failed unexpectedly');
    return {
      statusCode: status,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  }
}
