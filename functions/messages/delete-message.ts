import { AppError } from '../../shared/errors/app-error.ts';
import { isWaiting, type OutboxItem } from '../../shared/messages/outbox/outbox-item.ts';
import { deleteMessage, type MessageRecord } from '../../shared/messages/outbox/routes.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { isOut } from './outbox/end-message.ts';
import { toMessageRecord } from './sending/message-record.ts';
import { send } from './sending/send.ts';
import { findTargetChat } from './sending/target-chat.ts';

const onItsWay = () =>
  new AppError('CONFLICT', 'This message is on its way just now. Delete it once it has been sent.');

export const handler = implement(deleteMessage, async ({ caller, params, query, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const item = await deps.stores.outbox.get(session.sessionId, params.messageId);
  if (item !== undefined && (await isCancellable(deps, item)))
    return { data: await cancel(deps, session, item) };
  return await revoke(deps, session, { ...query, messageId: params.messageId, requestId });
});

/** The record may already know more than the outbox, which checks handed-over messages only now and then. */
async function isCancellable(deps: Deps, item: OutboxItem): Promise<boolean> {
  if (item.status === 'dispatched') return !(await isOut(deps, item));
  return isWaiting(item) || item.status === 'cancelled';
}

async function cancel(deps: Deps, { sessionId }: SessionItem, item: OutboxItem): Promise<MessageRecord> {
  const { outbox, wakeUps } = deps.stores;
  const cancelled = item.status === 'cancelled' ? item : await outbox.cancel(item);
  const data = cancelled && toMessageRecord(cancelled, undefined);
  if (data === undefined) throw onItsWay();
  // Where this breaks off, the dispatcher finds the message cancelled and frees its place.
  await outbox.leaveLine(sessionId, { sk: item.place });
  if (item.status !== 'cancelled') await wakeUps.forget(sessionId, 1);
  return data;
}

interface Revocation {
  messageId: string;
  to?: string | undefined;
  from?: string | undefined;
  requestId: string;
}

/** A revocation is itself a message; repeating the request derives the same id. */
async function revoke(
  deps: Deps,
  session: SessionItem,
  { messageId: target, to: given, from, requestId }: Revocation,
): Promise<{ status: 200 | 202; data: MessageRecord }> {
  const { sessionId } = session;
  const { to, record } = await findTargetChat(deps, sessionId, target, given);
  if (record?.status === 'pending') throw onItsWay();
  if (record?.status === 'failed')
    throw new AppError('CONFLICT', 'This message was never sent: there is nothing to revoke.');
  const fromMe = record === undefined ? undefined : true;
  const { status, data } = await send(
    deps,
    session,
    { verb: 'revoke', target, body: { to, from, fromMe } },
    { requestId, seed: `revoke\n${sessionId}\n${target}` },
  );
  if (data.status === 'failed')
    throw new AppError('CONFLICT', 'This message could not be revoked several times. It stays.');
  const { messageId, timestamp: at } = data;
  const revocation = { sessionId, messageId, status: data.status, to, type: 'revoke' };
  return {
    status,
    data: {
      ...revocation,
      scheduledAt: null,
      error: null,
      errorCode: null,
      timeline: [{ status: data.status, at }],
    },
  };
}
