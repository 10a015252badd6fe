import type { TenantSend } from '../../../shared/messages/outbox/schema.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { resolveMedia } from '../sending/resolve-media.ts';
import { type SendOptions, send } from '../sending/send.ts';
import { acceptMessages } from './accept-messages.ts';

/** Puts the message into the outbox where the tenant asks for that, else sends it at once. */
export async function acceptOrSend(
  deps: Deps,
  session: SessionItem,
  body: TenantSend,
  options: SendOptions,
): Promise<{ status: 200 | 202; data: SendAnswer }> {
  const resolved = await resolveMedia(deps, session, body);
  const { async: isAsync, scheduledAt, ...message } = resolved;
  if (isAsync !== true && scheduledAt === undefined)
    return await send(deps, session, { verb: 'send', body: message }, options);
  const [data] = await acceptMessages(deps, session, [resolved], { seed: options.seed });
  if (data === undefined) throw new Error('nothing was accepted');
  return { status: 202, data };
}
