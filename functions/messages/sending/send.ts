import type { MessageStatus, SendAnswer } from '../../../shared/messages/schema.ts';
import type { MessageStep } from '../../../shared/messages/store.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { requireConnected } from '../../sessions/own-session.ts';
import { advanceMessage } from '../../usage/advance-message.ts';
import { hop } from '../../workers/calls/hop.ts';
import { keepPending } from '../outbox/keep-pending.ts';
import { describeHanding, type Handing, handOver, newMessageId } from './handing.ts';
import { noteOutcome } from './note-outcome.ts';
import { type Failure, toFailure } from './send-failure.ts';

/**
 * Ids of one idempotent request: each was refused for good before the next was chosen, so a second is rare.
 */
const MAX_GENERATIONS = 8;

interface Sent {
  messageId: string;
  status: MessageStatus;
  at: string;
}

export interface SendOptions {
  requestId: string;
  /** The same in every try of one idempotent request. */
  seed?: string | undefined;
}

async function callWorker(
  deps: Deps,
  session: SessionItem,
  messageId: string,
  requestId: string,
  handing: Handing,
): Promise<Sent | Failure> {
  const client = deps.workers({ endpoint: requireConnected(session, deps.now()), requestId });
  const { sessionId, epoch } = session;
  const answer = await hop(handOver({ client, sessionId, messageId, epoch }, handing));
  const now = new Date(deps.now()).toISOString();
  // It may be on its way: an error would invite a second message.
  if (answer.outcome === 'unknown') return { messageId, status: 'pending', at: now };
  if (answer.outcome !== 'answered') return toFailure(answer) ?? { messageId, status: 'pending', at: now };
  const { data, status } = answer;
  // Other workers may choose ids of their own, and report under those.
  return {
    messageId: data.messageId ?? messageId,
    status: status === 202 ? 'pending' : (data.status ?? 'sent'),
    at: data.timestamp ?? now,
  };
}

/** The id to send under, or how far an earlier try of the same request got. */
async function begin(
  deps: Deps,
  about: { sessionId: string; to: string; type: string },
  seed: string | undefined,
): Promise<{ messageId: string; earlier?: Sent }> {
  const { messages } = deps.stores;
  const at = new Date(deps.now()).toISOString();
  for (let generation = 0; ; generation += 1) {
    const messageId = newMessageId(seed, generation);
    const isNew = await messages.advance({ ...about, messageId, status: 'pending', at });
    if (isNew !== undefined || seed === undefined) return { messageId };
    const record = await messages.get(about.sessionId, messageId);
    if (record === undefined || record.status === 'pending') return { messageId };
    if (record.status !== 'failed' || generation === MAX_GENERATIONS)
      return { messageId, earlier: { messageId, status: record.status, at: record.createdAt } };
  }
}

/**
 * Sends a message, or something about one, through the worker that runs its session. Status `pending` is
 * answered with 202: WhatsApp has not acknowledged it yet, and the outbox keeps it until its outcome is
 * known.
 * @throws AppError SESSION_NOT_CONNECTED, SESSION_MOVING, and whatever the worker refuses it with
 */
export async function send(
  deps: Deps,
  session: SessionItem,
  handing: Handing,
  { requestId, seed }: SendOptions,
): Promise<{ status: 200 | 202; data: SendAnswer }> {
  requireConnected(session, deps.now());
  const { sessionId, userId } = session;
  const described = describeHanding(handing);
  const { messageId, earlier } = await begin(deps, { sessionId, ...described }, seed);
  const result = earlier ?? (await callWorker(deps, session, messageId, requestId, handing));
  const at = new Date(deps.now()).toISOString();
  const about = { userId, sessionId, messageId, ...described, at };
  const note = (step: MessageStep & { userId: string }) =>
    noteOutcome(deps, step, () => advanceMessage(deps, step));
  if ('error' in result) {
    const { error, errorCode } = result;
    if (result.isFinal) await note({ ...about, status: 'failed', error: error.message, errorCode });
    throw error;
  }
  if (result.status === 'pending' && result.messageId === messageId)
    await keepPending(deps, session, messageId, handing);
  if (earlier === undefined) await note({ ...about, messageId: result.messageId, status: result.status });
  return {
    status: result.status === 'pending' ? 202 : 200,
    data: { messageId: result.messageId, status: result.status, sessionId, timestamp: result.at },
  };
}
