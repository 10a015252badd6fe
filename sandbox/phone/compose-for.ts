import type { Chat } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import type { OutgoingMessage } from '../verbs.ts';
import type { Account } from '../world/account.ts';
import { compose, type MediaHost } from './compose.ts';
import { canSeal, composeSealed, composeSealedReaction, type Sealing } from './compose-sealed.ts';
import type { Content } from './send-content.ts';

/** The content of what somebody writes in a chat, sealed where phones seal it. */
export function composeFor(
  { exchange: { world }, mediaHost }: { exchange: Exchange; mediaHost: MediaHost },
  account: Account,
  chat: Chat,
  message: OutgoingMessage,
): Content {
  const chatJid = jidOf(chat, world.settings.addressing);
  const sealed = message.sealed ?? world.settings.sealed;
  const sealing: Sealing = {
    world,
    account,
    chat: chat.kind === 'person' ? chat.account.number : chatJid,
    chatJid,
    addressing: sealed === 'off' ? world.settings.addressing : sealed,
  };
  if (message.edit && isPlain(message.edit, sealing, message.sealed ?? world.settings.sealed))
    return compose(message, chatJid, mediaHost);
  const inAnnouncements = chat.kind === 'group' && chat.group.announce;
  if (message.reaction && (inAnnouncements || (message.sealed ?? 'off') !== 'off'))
    return composeSealedReaction(message.reaction, sealing);
  const content = composeSealed(message, sealing) ?? compose(message, chatJid, mediaHost);
  const { key } = content.content.reactionMessage ?? {};
  if (key && message.reaction?.from && chat.kind === 'group')
    key.participant = world.account(message.reaction.from).jid(chat.group.addressing);
  return content;
}

/** A phone that has not got the original any more sends its edit plain, as all did before May 2026. */
function isPlain(edit: { messageId: string }, sealing: Sealing, sealed: string): boolean {
  return sealed === 'off' || !canSeal(sealing, edit);
}

function jidOf(chat: Chat, addressing: 'lid' | 'pn'): string {
  if (chat.kind === 'person') return chat.account.jid(addressing);
  return chat.kind === 'group' ? chat.group.id : chat.id;
}
