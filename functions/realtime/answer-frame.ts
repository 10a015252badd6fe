import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { renderError } from '../../shared/errors/render-error.ts';
import { frameOf } from '../../shared/events/event-frame.ts';
import { type AnswerFrame, ClientFrame, type ServerFrame } from '../../shared/realtime/schema.ts';
import type { Connection } from '../../shared/realtime/store.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { currentState } from './session-events.ts';

/** A tenant has at most this many sessions; an administrator's `*` starts without a snapshot. */
const MAX_STATES = 20;

function parseFrame(text: string): ClientFrame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AppError('VALIDATION_ERROR', 'A frame is JSON: { "action": "subscribe", "sessionId": "…" }.');
  }
  const parsed = ClientFrame.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'VALIDATION_ERROR',
    'Use { "action": "subscribe" | "unsubscribe", "sessionId": "…" | "*" } or { "action": "ping" }.',
  );
}

async function sessionsOf(connection: Connection, deps: Deps): Promise<SessionItem[]> {
  const { accounts, sessions } = deps.stores;
  const account = await accounts.findByUserId(connection.userId, connection.accountKey);
  const ids = [...(account?.sessionIds ?? [])].map(sessionIdOf);
  const found = await sessions.getMany(ids.slice(0, MAX_STATES));
  return found.filter(({ userId, deletedAt }) => userId === connection.userId && deletedAt === undefined);
}

/**
 * The sessions whose state a new subscription is told.
 * @throws AppError NOT_FOUND for another tenant's session exactly as for a missing one
 */
async function findTargets(connection: Connection, target: string, deps: Deps): Promise<SessionItem[]> {
  const narrowed = target === '*' ? connection.sessionId : target;
  if (narrowed === undefined) return await sessionsOf(connection, deps);
  const reaches = connection.sessionId === undefined || connection.sessionId === narrowed;
  const session = reaches ? await deps.stores.sessions.get(narrowed) : undefined;
  const isVisible = session?.userId === connection.userId || connection.admin;
  if (session === undefined || session.deletedAt !== undefined || !isVisible)
    throw new AppError('NOT_FOUND', 'There is no session with this id.');
  return [session];
}

async function subscribe(connection: Connection, target: string, deps: Deps): Promise<ServerFrame[]> {
  await findTargets(connection, target, deps);
  if (!(await deps.stores.connections.subscribe(connection, target)))
    throw new AppError(
      'RATE_LIMITED',
      'This connection has too many subscriptions. Use "*" for all sessions.',
    );
  // The state is read after subscribing: later changes are pushed, so nothing is missed in between.
  const sessions = await findTargets(connection, target, deps);
  const states = sessions.flatMap((session) => currentState(session, deps.now()));
  return [
    answer('subscribed', { sessionId: target }, deps),
    ...states.flatMap((event) => frameOf(event) ?? []),
  ];
}

function answer(event: 'subscribed' | 'unsubscribed', data: { sessionId: string }, deps: Deps): AnswerFrame {
  return { event, data, timestamp: new Date(deps.now()).toISOString() };
}

/** Answers a client's frame, in order; a failure becomes an `error` frame. */
export async function answerFrame(connection: Connection, text: string, deps: Deps): Promise<ServerFrame[]> {
  const timestamp = new Date(deps.now()).toISOString();
  try {
    const frame = parseFrame(text);
    if (frame.action === 'ping') return [{ event: 'pong', data: {}, timestamp }];
    if (frame.action === 'subscribe') return await subscribe(connection, frame.sessionId, deps);
    await deps.stores.connections.unsubscribe(connection, frame.sessionId);
    return [answer('unsubscribed', { sessionId: frame.sessionId }, deps)];
  } catch (error) {
    const { body, expected } = renderError(error, connection.connectionId);
    if (!expected) deps.log.error({ err: error, connectionId: connection.connectionId }, 'a frame failed');
    return [{ event: 'error', data: { code: body.code, error: body.error }, timestamp }];
  }
}
