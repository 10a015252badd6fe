import { AppError } from '../../shared/errors/app-error.ts';
import { sendByKey } from '../../shared/messages/outbox/routes.ts';
import { asTenant } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { acceptOrSend } from './outbox/accept-or-send.ts';

export const handler = implement(sendByKey, async ({ caller, body, requestId, seed }, deps) => {
  const tenant = asTenant(caller);
  const { sessionId, ...message } = body;
  const target = sessionId ?? (tenant.kind === 'apiKey' ? tenant.sessionId : undefined);
  if (target === undefined)
    throw new AppError('VALIDATION_ERROR', 'This key reaches all sessions of the account: name a sessionId.');
  const session = await findOwnSession(deps, caller, target);
  return await acceptOrSend(deps, session, message, { requestId, seed });
});
