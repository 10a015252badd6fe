import { timingSafeEqual } from 'node:crypto';
import type { Agent } from 'node:https';
import { type MediaType, normalizeMessageContent, type proto } from '@whiskeysockets/baileys';
import type { FileOnDisk } from '../../storage/temporary-file.ts';
import { createTemporaryFile } from '../../storage/temporary-file.ts';
import { fetchEncrypted, TooLarge } from './fetch-encrypted.ts';

export interface DownloadLimits {
  maxBytes: number;
  timeoutMs: number;
  /** Asked for room before anything is fetched; what it throws is thrown. */
  reserve: (sizeBytes: number) => Promise<void>;
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
 * Downloads, decrypts and checks the file of an incoming message. The sender writes the message, so neither its
 * URL nor its length is trusted: the file comes from WhatsApp's own hosts or from the one the server names, and of
 * a longer one than was said nothing is taken.
 * @param agent the session's proxy, where it has one
 * @throws MediaDownloadError
 */
export async function downloadMedia(
  message: proto.IMessage,
  serverHost: () => Promise<string>,
  limits: DownloadLimits,
  agent?: Agent,
): Promise<FileOnDisk> {
  const [type, reference] = findFile(message);
  const maxBytes = Number(reference.fileLength ?? 0) || limits.maxBytes;
  if (maxBytes > limits.maxBytes) throw tooLarge();
  const { mediaKey, directPath } = reference;
  if (!mediaKey || !directPath?.startsWith('/'))
    throw new MediaDownloadError('The message does not say where its file is.');
  await limits.reserve(maxBytes);
  const signal = AbortSignal.timeout(limits.timeoutMs);
  const file = await createTemporaryFile();
  try {
    const { sizeBytes, sha256 } = await orSentence(signal, async () => {
      const host = hostIn(reference.url) ?? (await serverHost());
      const url = `https://${host}${directPath}`;
      return fetchEncrypted({ url, mediaKey, type }, { path: file.path, maxBytes, signal, agent });
    });
    const { fileSha256 } = reference;
    if (fileSha256?.length === 32 && !timingSafeEqual(sha256, fileSha256))
      throw new MediaDownloadError('The file was damaged on its way.');
    return { ...file, sizeBytes };
  } catch (error) {
    file.remove();
    throw error;
  }
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
