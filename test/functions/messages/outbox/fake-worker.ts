import type { WorkerGateway } from '../../../../functions/workers/calls/worker-gateway.ts';
import { ApiError } from '../../../../shared/contract/api-error.ts';
import type { ErrorCode } from '../../../../shared/errors/error-codes.ts';

/** What happens to a send: the worker may die before it has the message, or after, or say what it says. */
export type Fate = 'sent' | 'pending' | 'dies before' | 'dies after' | 'unreachable' | ErrorCode;

type Verb = 'workerSend' | 'workerReact' | 'workerEdit' | 'workerRevoke';

interface Asked {
  params: { sessionId: string };
  body: { messageId?: string; actionId?: string; message?: string };
}

export interface FakeWorker {
  gateway: WorkerGateway;
  /** What left for WhatsApp, by id: the same id is the same message, as with a real worker. */
  delivered: { sessionId: string; messageId: string; text: string | undefined; verb: Verb }[];
  /** Every call, also those that were repeats. */
  calls: string[];
  fate(how: (call: number, messageId: string) => Fate | Promise<Fate>): void;
  /** From now on it answers with ids of its own, as other workers may do. */
  renameMessages(): void;
}

/** WhatsApp's own code of whatever it refuses here. */
export const WHATSAPP_CODE = '463';

const refusal = (code: ErrorCode) =>
  new ApiError({
    ...{ status: 409, code, message: `refused: ${code}` },
    details: code === 'MESSAGE_REJECTED' ? [{ path: 'code', message: WHATSAPP_CODE }] : undefined,
    retryAfterS: Number.NaN,
    requestId: undefined,
  });

const broken = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

/** A worker as far as sending goes, and the end of a session. */
export function createFakeWorker(): FakeWorker {
  const delivered: FakeWorker['delivered'] = [];
  const calls: string[] = [];
  let prefix = '';
  let fateOf: Parameters<FakeWorker['fate']>[0] = () => 'sent';

  const asked = (verb: Verb) => async (request: Asked) => {
    const { params, body } = request;
    const { messageId = '', actionId = messageId, message } = body;
    return await take(verb, params.sessionId, actionId, message);
  };
  async function take(verb: Verb, sessionId: string, messageId: string, text: string | undefined) {
    calls.push(messageId);
    const fate = await fateOf(calls.length, messageId);
    if (fate === 'unreachable') throw broken('ECONNREFUSED');
    if (fate === 'dies before') throw broken('ECONNRESET');
    if (fate !== 'sent' && fate !== 'pending' && fate !== 'dies after') throw refusal(fate);
    if (!delivered.some((known) => known.messageId === messageId))
      delivered.push({ sessionId, messageId, text, verb });
    if (fate === 'dies after') throw broken('ECONNRESET');
    const data = {
      messageId: prefix + messageId,
      status: fate,
      sessionId,
      timestamp: new Date().toISOString(),
    };
    return { status: fate === 'pending' ? 202 : 200, data, headers: new Headers() };
  }
  const ended = (status: string) => async (request: Asked) => ({
    ...{ status: 200, headers: new Headers() },
    data: { sessionId: request.params.sessionId, status },
  });
  const client = {
    workerDeleteSession: ended('deleted'),
    workerLogoutSession: ended('logged_out'),
    workerSend: asked('workerSend'),
    workerReact: asked('workerReact'),
    workerEdit: asked('workerEdit'),
    workerRevoke: asked('workerRevoke'),
  };
  return {
    delivered,
    calls,
    gateway: () => client as unknown as ReturnType<WorkerGateway>,
    fate: (how) => {
      fateOf = how;
    },
    renameMessages: () => {
      prefix = 'OWN-';
    },
  };
}
