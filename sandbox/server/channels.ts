import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { composeRaw } from '../phone/compose.ts';
import type { ChannelPost, ChannelView, NewChannel } from '../verbs.ts';
import { nowSeconds, stanza } from '../wire/stanza.ts';
import type { Channel } from '../world/group.ts';
import type { World } from '../world/world.ts';
import type { Exchange } from './exchange.ts';

export function beginChannel(world: World, { name, followers }: NewChannel): ChannelView {
  const numbers = followers.map((number) => world.account(number).number);
  const serial = world.derive('channel', name, world.channels.size).readUInt32BE(0);
  const id = `12036304${String(serial).padStart(10, '0')}@newsletter`;
  world.channels.set(id, { id, name, followers: new Set(numbers), posts: 0 });
  return { id, name, followers: numbers };
}

/** Channels are not end-to-end encrypted: every linked device of a follower gets the content as it is. */
export function postInChannel(
  exchange: Exchange,
  channel: Channel,
  { text, raw, id = `3EB0${randomBytes(9).toString('hex').toUpperCase()}` }: ChannelPost,
): { id: string; serverId: string } {
  channel.posts += 1;
  const serverId = String(100 + channel.posts);
  const content = raw ? composeRaw(raw).asIs : proto.Message.encode({ conversation: text ?? '' }).finish();
  const attrs = { id, from: channel.id, server_id: serverId, type: 'text', t: nowSeconds() };
  for (const number of channel.followers) {
    const account = exchange.world.accounts.get(number);
    for (const companion of account?.companions.values() ?? [])
      if (account)
        exchange.push(account, companion, stanza('message', attrs, [stanza('plaintext', {}, content)]));
  }
  return { id, serverId };
}
