import type { SeenPresence } from '../verbs.ts';
import { isGroupJid } from '../wire/jid.ts';
import type { Stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Exchange } from './exchange.ts';

/**
 * What a linked device shows of its owner: `presence` to everybody there is, `chatstate` to those in the chat.
 * Only phones see it; no linked device is told.
 */
export function takeClientPresence(exchange: Exchange, account: Account, node: Stanza): void {
  const { world } = exchange;
  const { to, type } = node.attrs;
  const show = (viewers: Iterable<Account>, presence: SeenPresence['presence'], chat: string | null) => {
    const entry = { from: account.number, presence, chat };
    for (const viewer of viewers)
      if (viewer !== account) viewer.presences.append(entry, world.settings.inboxLimit);
  };
  if (node.tag === 'presence') {
    if (type === 'available' || type === 'unavailable') show(world.accounts.values(), type, null);
    return;
  }
  const [state] = Array.isArray(node.content) ? node.content : [];
  const presence =
    state?.tag === 'paused' ? 'paused' : state?.attrs['media'] === 'audio' ? 'recording' : 'typing';
  const group = isGroupJid(to) ? world.groups.get(to ?? '') : undefined;
  const person = world.find(to);
  if (group?.participants.has(account.number)) {
    const members = [...group.participants.keys()].flatMap((number) => world.accounts.get(number) ?? []);
    show(members, presence, group.id);
  } else if (person) show([person], presence, account.number);
}
