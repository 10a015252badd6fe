import { proto } from '@whiskeysockets/baileys';
import { SandboxError } from '../sandbox-error.ts';
import type { Chat } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import { announce } from '../server/group-directory.ts';
import { nowSeconds, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import { sendContent } from './send-content.ts';

/** Sets the time after which a chat's messages disappear; tells the other side, or the group's members. */
export function setTimer(exchange: Exchange, account: Account, chat: Chat, seconds: number): string[] {
  if (chat.kind === 'list') throw new SandboxError(400, 'A broadcast list has no timer.');
  if (chat.kind === 'group') {
    chat.group.ephemeralSeconds = seconds;
    const told = seconds > 0 ? stanza('ephemeral', { expiration: seconds }) : stanza('not_ephemeral');
    announce(exchange, chat.group, account, told);
    return [];
  }
  account.timers.set(chat.account.number, seconds);
  const protocolMessage = {
    key: { remoteJid: chat.account.jid(exchange.world.settings.addressing), fromMe: true },
    type: proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING,
    ephemeralExpiration: seconds,
    ephemeralSettingTimestamp: nowSeconds(),
  };
  return [sendContent(exchange, account, chat, { content: { protocolMessage }, type: 'text' })];
}
