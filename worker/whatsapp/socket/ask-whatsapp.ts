import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';

/** Below what the control plane waits for us. */
const ANSWER_MS = 15_000;

/** WhatsApp's refusals of requests (`<error code>`), in our terms. */
const REFUSALS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['VALIDATION_ERROR', 'WhatsApp does not accept this request as it is.'],
  401: ['FORBIDDEN', 'This session’s account may not do this in the group: it takes an admin.'],
  403: ['FORBIDDEN', 'This session’s account is not in the group, or may not do this there.'],
  404: ['GROUP_NOT_FOUND', 'WhatsApp knows no such group.'],
  406: [
    'VALIDATION_ERROR',
    'WhatsApp does not accept this: a text is too long, or a person cannot be in it.',
  ],
  409: ['CONFLICT', 'WhatsApp says that this is so already, or has been changed by somebody else.'],
  410: ['GROUP_NOT_FOUND', 'The group does not exist any more.'],
  419: ['RATE_LIMITED', 'WhatsApp allows no more of these for this account at the moment.'],
  429: ['RATE_LIMITED', 'WhatsApp asks this account to slow down. Try again later.'],
};

/**
 * A question to WhatsApp, with its answer or an error that a person can act on.
 * @throws AppError as WhatsApp refuses, WORKER_TIMEOUT, SESSION_NOT_CONNECTED, WORKER_ERROR
 */
export async function askWhatsApp<T>(question: () => Promise<T>, timeoutMs = ANSWER_MS): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new AppError('WORKER_TIMEOUT', 'WhatsApp did not answer in time. Try again shortly.')),
    timeoutMs,
  );
  try {
    return await Promise.race([question(), late.promise]);
  } catch (fault) {
    throw toAppError(fault);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What WhatsApp refused, in our terms; `undefined` where it was no refusal that is known. Baileys puts the code into
 * `data`, be it the number itself or its stanza (`generic-utils.js`, assertNodeErrorFree).
 */
export function refusedRequest(fault: unknown): AppError | undefined {
  const { data } = (fault ?? {}) as { data?: number | { attrs?: { code?: string } } };
  const code = typeof data === 'number' ? data : Number(data?.attrs?.code ?? Number.NaN);
  const [name, sentence] = REFUSALS[code] ?? [];
  return name === undefined || sentence === undefined
    ? undefined
    : new AppError(name, sentence, { cause: fault });
}

function toAppError(fault: unknown): AppError {
  if (fault instanceof AppError) return fault;
  const refused = refusedRequest(fault);
  if (refused !== undefined) return refused;
  const { output } = (fault ?? {}) as { output?: { statusCode?: number } };
  if (output?.statusCode === 428)
    return new AppError('SESSION_NOT_CONNECTED', 'The connection to WhatsApp was lost meanwhile.', {
      cause: fault,
    });
  return new AppError('WORKER_ERROR', 'WhatsApp did not do this. Try again later.', { cause: fault });
}
