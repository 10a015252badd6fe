import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { SandboxError } from '../sandbox-error.ts';
import type { ForgottenFile, NewPast, PastMessage } from '../verbs.ts';
import { isGroupJid } from '../wire/jid.ts';
import type { Account } from '../world/account.ts';
import type { World } from '../world/world.ts';
import { fileOf } from './answer-media-request.ts';
import { composeRaw, type MediaHost } from './compose.ts';
import { contentOf } from './past-messages.ts';

/** Puts messages of earlier days on a phone; nobody is told of them but devices that are linked later. */
export function addPast(world: World, account: Account, { chat, messages, count = 1 }: NewPast): string[] {
  const name = isGroupJid(chat) ? world.group(chat).id : world.account(chat).number;
  const ids: string[] = [];
  for (let round = 0; round < count; round++)
    for (const message of messages) {
      const id = message.id ?? `3A${randomBytes(9).toString('hex').toUpperCase()}`;
      const numbered = count === 1 ? id : `${id}-${round + 1}`;
      account.remember({
        id: numbered,
        chat: name,
        from: world.account(message.from).number,
        timestamp: message.at - round * 60,
        content: encodePast(message, round + 1),
      });
      ids.push(numbered);
    }
  world.touch(account);
  return ids;
}

/** The media host does not give the file of this message any more. */
export function forgetMedia(
  world: World,
  account: Account,
  { chat, messageId, everywhere = false }: ForgottenFile,
  { store }: MediaHost,
): { directPath: string } {
  const name = isGroupJid(chat) ? chat : world.account(chat).number;
  const message = account.recall(name, messageId);
  const content = message && contentOf(message);
  const directPath = content && fileOf(content)?.directPath;
  if (!directPath)
    throw new SandboxError(404, `${account.number} has no file of ${messageId} in the chat ${chat}.`);
  store.forget(directPath, everywhere);
  return { directPath };
}

function encodePast({ text, raw }: PastMessage, number: number): Buffer {
  if (raw) return Buffer.from(composeRaw(raw).asIs ?? []);
  const conversation = (text ?? '').replaceAll('{n}', String(number));
  const messageContextInfo = { messageSecret: randomBytes(32) };
  return Buffer.from(proto.Message.encode({ conversation, messageContextInfo }).finish());
}
