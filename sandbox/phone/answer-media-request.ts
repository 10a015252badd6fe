import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { Exchange } from '../server/exchange.ts';
import { hkdf, openGcm, sealGcm } from '../signal/kdf.ts';
import { bytesOf, child, type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { MediaHost } from './compose.ts';
import { chatOfJid, contentOf } from './past-messages.ts';

export type MediaRequest = { device: number; node: Stanza; host: MediaHost };

/** The file of a message as far as requests for it go; null where it has none. */
export function fileOf(
  content: proto.IMessage,
): { mediaKey?: Uint8Array | null; directPath?: string | null } | null {
  return (
    content.imageMessage ??
    content.videoMessage ??
    content.ptvMessage ??
    content.audioMessage ??
    content.documentMessage ??
    content.documentWithCaptionMessage?.message?.documentMessage ??
    content.stickerMessage ??
    null
  );
}

/**
 * A linked device asks its phone to upload a file again (`receipt` of type `server-error`): what it asks is sealed
 * with the file's own key, and so is the answer, a notification of type `mediaretry`.
 */
export function answerMediaRequest(
  exchange: Exchange,
  account: Account,
  { device, node, host }: MediaRequest,
): void {
  const companion = account.companions.get(device);
  const id = node.attrs['id'] ?? '';
  const rmr = child(node, 'rmr');
  if (!companion || !rmr) return;
  const answer = answerOf(exchange, account, { id, node, host });
  const attrs = { id, type: 'mediaretry', from: account.jid('pn'), t: Math.floor(Date.now() / 1000) };
  exchange.push(account, companion, stanza('notification', attrs, [stanza('rmr', rmr.attrs), answer]));
}

function answerOf(
  { world }: Exchange,
  account: Account,
  { id, node, host }: { id: string; node: Stanza; host: MediaHost },
): Stanza {
  const chat = chatOfJid(world, child(node, 'rmr')?.attrs['jid'] ?? '');
  const remembered = account.recall(chat, id);
  const content = remembered && contentOf(remembered);
  const file = content && fileOf(content);
  if (!file?.mediaKey || !file.directPath) return stanza('error', { code: 2 });
  const key = hkdf(file.mediaKey, 32, 'WhatsApp Media Retry Notification');
  const question = child(node, 'encrypt');
  const asked = proto.ServerErrorReceipt.decode(
    openGcm(key, bytesOf(question, 'enc_iv'), bytesOf(question, 'enc_p'), Buffer.from(id)),
  );
  const directPath = asked.stanzaId === id ? host.store.uploadAgain(file.directPath) : null;
  const { ResultType } = proto.MediaRetryNotification;
  const result = directPath ? ResultType.SUCCESS : ResultType.NOT_FOUND;
  const said = proto.MediaRetryNotification.encode({ stanzaId: id, directPath, result }).finish();
  const iv = randomBytes(12);
  return stanza('encrypt', {}, [
    stanza('enc_p', {}, sealGcm(key, iv, said, Buffer.from(id))),
    stanza('enc_iv', {}, iv),
  ]);
}
