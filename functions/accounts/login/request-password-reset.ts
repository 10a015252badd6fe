import { accountKeyOf } from '../../../shared/accounts/account-item.ts';
import { requestPasswordReset } from '../../../shared/accounts/routes.ts';
import { implement } from '../../http/implement.ts';
import { tooManyRequests } from '../../http/rate-limit.ts';
import { passwordResetMessage } from '../../webhooks/delivery/delivery-message.ts';

export const handler = implement(requestPasswordReset, async ({ body: { email } }, deps) => {
  // Requests are limited by the address asked for, whether an account exists or not: the answer reveals
  // neither.
  const taken = await deps.stores.throttle.takeForReset(accountKeyOf(email));
  if (!taken.allowed)
    throw tooManyRequests(taken.retryAfterMs, 'A reset was asked for several times. Try again later.');
  await deps.queues.deliveries.send([passwordResetMessage(email)]);
  return { status: 202, message: 'If there is an account with this address, a mail is on its way.' };
});
