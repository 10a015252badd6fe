import { proto } from '@whiskeysockets/baileys';
import { isGroupJid } from '../wire/jid.ts';
import type { Account, RememberedMessage } from '../world/account.ts';
import type { World } from '../world/world.ts';

/** The content as it was sent; null where it is no message. */
export function contentOf({ content }: RememberedMessage): proto.Message | null {
  try {
    return proto.Message.decode(content);
  } catch {
    return null;
  }
}

/** The secret with which changes of this message are sealed. */
export function secretOf(message: RememberedMessage | undefined): Uint8Array | null {
  const secret = message && contentOf(message)?.messageContextInfo?.messageSecret;
  return secret?.length ? secret : null;
}

/** A remembered message in the form in which phones hand it to their linked devices. */
export function webMessage(
  world: World,
  account: Account,
  message: RememberedMessage,
): proto.IWebMessageInfo | null {
  const content = contentOf(message);
  if (!content) return null;
  const { addressing } = world.settings;
  const author = world.accounts.get(message.from);
  const fromMe = author === account;
  const inGroup = isGroupJid(message.chat);
  const group = world.groups.get(message.chat);
  const participant = inGroup && !fromMe ? (author?.jid(group?.addressing ?? addressing) ?? null) : null;
  return {
    key: {
      remoteJid: jidOfChat(world, message.chat),
      id: message.id,
      fromMe,
      ...(participant ? { participant } : {}),
    },
    ...(participant ? { participant } : {}),
    message: content,
    messageTimestamp: message.timestamp,
    pushName: fromMe ? null : (author?.profile.name ?? null),
  };
}

export function jidOfChat(world: World, chat: string): string {
  return world.accounts.get(chat)?.jid(world.settings.addressing) ?? chat;
}

/** The chat that a JID stands for on a phone: a person's number, or the JID itself. */
export function chatOfJid(world: World, jid: string): string {
  return world.find(jid)?.number ?? jid;
}
