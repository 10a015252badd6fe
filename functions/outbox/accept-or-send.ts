import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { TenantSend } from '../../shared/outbox/schema.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { type SendOptions, send } from '../messages/send.ts';
import { acceptMessages } from './accept-messages.ts';

/** Into the outbox where the tenant asks for that, else to WhatsApp at once. */
export async function acceptOrSend(
  deps: Deps,
  session: SessionItem,
  body: TenantSend,
  options: SendOptions,
): Promise<{ status: 200 | 202; data: SendAnswer }> {
  const { async: isAsync, scheduledAt, ...message } = body;
  if (isAsync !== true && scheduledAt === undefined) return await send(deps, session, message, options);
  const [data] = await acceptMessages(deps, session, [body], { seed: options.seed });
  if (data === undefined) throw new Error('nothing was accepted');
  return { status: 202, data };
}
