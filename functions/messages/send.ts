import type { MessageStatus, SendAnswer, SendBody } from '../../shared/messages/schema.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { requireConnected } from '../sessions/require-connected.ts';
import { advanceMessage } from '../usage/advance-message.ts';
import { hop } from '../workers/hop.ts';
import type { WorkerClient } from '../workers/worker-gateway.ts';
import { newMessageId } from './message-id.ts';
import { type Failure, toFailure } from './send-failure.ts';

/** WhatsApp is given 20 s by the worker; a hop beyond that has lost its answer. */
const TIMEOUT_MS = 23_000;
/** Each was refused for good before another was begun: an idempotent request rarely gets to a second. */
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

/** How one message is handed to the worker of its session. */
export type Handing = (
  through: { client: WorkerClient; messageId: string; epoch: number },
  options: { timeoutMs: number },
) => Promise<{ status: number; data: SendAnswer }>;

async function callWorker(
  deps: Deps,
  session: SessionItem,
  messageId: string,
  requestId: string,
  hand: Handing,
): Promise<Sent | Failure> {
  const client = deps.workers({ endpoint: requireConnected(session), requestId });
  const { epoch } = session;
  const answer = await hop(hand({ client, messageId, epoch }, { timeoutMs: TIMEOUT_MS }));
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

/** The id to send under, or how far an earlier try of the same request had come. */
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
 * Sends one message through the worker that runs its session. Status `pending` is 202: WhatsApp has not
 * acknowledged it yet, and what becomes of it is reported.
 * @throws AppError SESSION_NOT_CONNECTED, SESSION_MOVING, and whatever the worker refuses it with
 */
export async function send(
  deps: Deps,
  session: SessionItem,
  body: SendBody,
  options: SendOptions,
): Promise<{ status: 200 | 202; data: SendAnswer }> {
  const params = { sessionId: session.sessionId };
  return await sendThrough(deps, session, body, options, ({ client, messageId, epoch }, each) =>
    client.workerSend({ params, body: { ...body, messageId, epoch } }, each),
  );
}

/** The same for whatever leaves as a message: reactions, edits, revocations. */
export async function sendThrough(
  deps: Deps,
  session: SessionItem,
  { to, type }: { to: string; type: string },
  { requestId, seed }: SendOptions,
  hand: Handing,
): Promise<{ status: 200 | 202; data: SendAnswer }> {
  requireConnected(session);
  const { sessionId, userId } = session;
  const { messageId, earlier } = await begin(deps, { sessionId, to, type }, seed);
  const result = earlier ?? (await callWorker(deps, session, messageId, requestId, hand));
  const at = new Date(deps.now()).toISOString();
  const about = { userId, sessionId, messageId, to, type };
  if ('error' in result) {
    if (result.isFinal)
      await advanceMessage(deps, { ...about, status: 'failed', at, errorCode: result.error.code });
    throw result.error;
  }
  if (earlier === undefined)
    await advanceMessage(deps, { ...about, messageId: result.messageId, status: result.status, at });
  return {
    status: result.status === 'pending' ? 202 : 200,
    data: { messageId: result.messageId, status: result.status, sessionId, timestamp: result.at },
  };
}
