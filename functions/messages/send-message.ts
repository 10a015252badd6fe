import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/errors/app-error.ts';
import { sendMessage } from '../../shared/messages/routes.ts';
import type { MessageStatus, SendBody } from '../../shared/messages/schema.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { hop } from '../workers/hop.ts';
import { type Failure, toFailure } from './send-failure.ts';

/** WhatsApp is given 20 s by the worker; a hop beyond that has lost its answer. */
const TIMEOUT_MS = 23_000;

/** Chosen before sending, in the form WhatsApp's own clients use, so that a repeated call is the same message. */
const newMessageId = () => `3EB0${randomBytes(18).toString('hex').toUpperCase()}`;

interface Sent {
  messageId: string;
  status: MessageStatus;
  at: string;
}

/** @throws AppError SESSION_NOT_CONNECTED, SESSION_MOVING */
function requireConnected(session: SessionItem): string {
  if (session.status !== 'CONNECTED')
    throw new AppError(
      'SESSION_NOT_CONNECTED',
      `This session is ${session.status.toLowerCase().replace('_', ' ')}. Connect it, then send.`,
    );
  if (session.workerEndpoint === undefined)
    throw new AppError('SESSION_MOVING', 'This session is moving to another worker. Try again shortly.');
  return session.workerEndpoint;
}

async function callWorker(
  deps: Deps,
  session: SessionItem,
  message: SendBody & { messageId: string },
  requestId: string,
): Promise<Sent | Failure> {
  const client = deps.workers({ endpoint: requireConnected(session), requestId });
  const { sessionId, epoch } = session;
  const { messageId } = message;
  const request = { params: { sessionId }, body: { ...message, epoch } };
  const answer = await hop(client.workerSend(request, { timeoutMs: TIMEOUT_MS }));
  const now = new Date(deps.now()).toISOString();
  // It may be on its way: an error would invite a second message.
  if (answer.outcome === 'unknown') return { messageId, status: 'pending', at: now };
  if (answer.outcome !== 'answered') return toFailure(answer) ?? { messageId, status: 'pending', at: now };
  const { data, status } = answer;
  // Workers of the seeds' forms choose ids of their own, and report under those.
  return {
    messageId: data.messageId ?? messageId,
    status: status === 202 ? 'pending' : (data.status ?? 'sent'),
    at: data.timestamp ?? now,
  };
}

export const handler = implement(sendMessage, async ({ caller, params, body, requestId }, deps) => {
  const { messages } = deps.stores;
  const session = await findOwnSession(deps, caller, params.sessionId);
  requireConnected(session);
  const { sessionId } = session;
  const { to, type } = body;
  const messageId = newMessageId();
  const about = { sessionId, messageId, to, type };
  await messages.advance({ ...about, status: 'pending', at: new Date(deps.now()).toISOString() });

  const result = await callWorker(deps, session, { ...body, messageId }, requestId);
  const at = new Date(deps.now()).toISOString();
  if ('error' in result) {
    if (result.isFinal)
      await messages.advance({ ...about, status: 'failed', at, errorCode: result.error.code });
    throw result.error;
  }
  await messages.advance({ ...about, messageId: result.messageId, status: result.status, at });
  return {
    status: result.status === 'pending' ? 202 : 200,
    data: { messageId: result.messageId, status: result.status, sessionId, timestamp: result.at },
  };
});
