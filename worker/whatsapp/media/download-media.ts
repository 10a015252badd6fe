import { createHash, timingSafeEqual } from 'node:crypto';
import type { Agent } from 'node:https';
import { type MediaType, normalizeMessageContent, type proto } from '@whiskeysockets/baileys';
import { fetchEncrypted, TooLarge } from './fetch-encrypted.ts';

export interface DownloadLimits {
  maxBytes: number;
  timeoutMs: number;
}

interface FileReference {
  mediaKey?: Uint8Array | null;
  directPath?: string | null;
  url?: string | null;
  fileLength?: unknown;
  fileSha256?: Uint8Array | null;
}

/** A file that could not be taken; `message` is a sentence for the tenant. */
export class MediaDownloadError extends Error {
  override readonly name = 'MediaDownloadError';
}

const WHATSAPP_HOST = /^[a-z0-9.-]+\.whatsapp\.net$/i;

/**
 * Downloads, decrypts and checks the file of an incoming message. The sender writes the message, so its
 * URL is not trusted: the file comes from WhatsApp's own hosts or from the one the server names.
 * @param agent the session's proxy, where it has one
 * @throws MediaDownloadError
 */
export async function downloadMedia(
  message: proto.IMessage,
  serverHost: () => Promise<string>,
  limits: DownloadLimits,
  agent?: Agent,
): Promise<Buffer> {
  const [type, file] = findFile(message);
  if (Number(file.fileLength ?? 0) > limits.maxBytes) throw tooLarge();
  const { mediaKey, directPath } = file;
  if (!mediaKey || !directPath?.startsWith('/'))
    throw new MediaDownloadError('The message does not say where its file is.');
  const signal = AbortSignal.timeout(limits.timeoutMs);
  const bytes = await orSentence(signal, async () => {
    const host = hostIn(file.url) ?? (await serverHost());
    const url = `https://${host}${directPath}`;
    return fetchEncrypted({ url, mediaKey, type }, { maxBytes: limits.maxBytes, signal, agent });
  });
  if (file.fileSha256?.length === 32 && !timingSafeEqual(sha256(bytes), file.fileSha256))
    throw new MediaDownloadError('The file was damaged on its way.');
  return bytes;
}

async function orSentence<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TooLarge) throw tooLarge();
    const sentence = signal.aborted
      ? 'WhatsApp took too long to give the file.'
      : 'WhatsApp did not give the file.';
    throw new MediaDownloadError(sentence, { cause: error });
  }
}

function findFile(message: proto.IMessage): [MediaType, FileReference] {
  const content = normalizeMessageContent(message) ?? {};
  if (content.imageMessage) return ['image', content.imageMessage];
  if (content.videoMessage) return ['video', content.videoMessage];
  if (content.ptvMessage) return ['video', content.ptvMessage];
  if (content.audioMessage) return ['audio', content.audioMessage];
  if (content.documentMessage) return ['document', content.documentMessage];
  if (content.stickerMessage) return ['sticker', content.stickerMessage];
  throw new MediaDownloadError('The message has no file.');
}

function hostIn(url: string | null | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { host } = new URL(url);
  return WHATSAPP_HOST.test(host) ? host : undefined;
}

const tooLarge = () => new MediaDownloadError('The file is larger than this gateway keeps.');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
