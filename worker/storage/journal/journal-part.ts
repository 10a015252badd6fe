import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { decodeEntries, encodeEntries, type JournalEntry } from './journal-entry.ts';
import { JournalError } from './journal-error.ts';

/** `log`: the changes of one group commit; `fold`: those of several; `snapshot`: everything. */
export type PartKind = 'log' | 'fold' | 'snapshot';

/** One object of a journal: the commits `from` to `to` of an epoch. */
export interface JournalPart {
  kind: PartKind;
  epoch: number;
  from: number;
  to: number;
  /** Set on the snapshot that a graceful close leaves. */
  clean: boolean;
  entries: readonly JournalEntry[];
}

const MAGIC = Buffer.from('WAJL');
const VERSION = 1;
const KINDS: readonly PartKind[] = ['log', 'fold', 'snapshot'];
const DEFLATED = 1;
const CLEAN = 2;
/** Magic, version, flags, kind, one spare byte, epoch, from, to (u64), plain and stored length (u32). */
const HEADER_BYTES = 40;
const DIGEST_BYTES = 32;
/** Below this size random key bytes dominate, and compressing costs more than it saves. */
const DEFLATE_FROM_BYTES = 512;
/** Above this size the thread pool compresses, so that other sessions continue. */
const ASYNC_FROM_BYTES = 64 * 1024;
const LARGEST_PLAIN_BYTES = 512 * 1024 * 1024;

const deflateAsync = promisify(deflateRaw);
const inflateAsync = promisify(inflateRaw);

function digest(header: Buffer, payload: Buffer): Buffer {
  return createHash('sha256').update(header).update(payload).digest();
}

async function deflate(plain: Buffer): Promise<Buffer> {
  return plain.length >= ASYNC_FROM_BYTES
    ? await deflateAsync(plain, { level: 1 })
    : deflateRawSync(plain, { level: 1 });
}

/** The digest covers the header and every byte, so that a flipped bit is found on reading. */
export async function encodePart(part: JournalPart): Promise<Buffer> {
  const plain = encodeEntries(part.entries);
  const deflated = plain.length >= DEFLATE_FROM_BYTES ? await deflate(plain) : undefined;
  const payload = deflated !== undefined && deflated.length < plain.length ? deflated : plain;
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header[4] = VERSION;
  header[5] = (payload === deflated ? DEFLATED : 0) | (part.clean ? CLEAN : 0);
  header[6] = KINDS.indexOf(part.kind);
  header.writeBigUInt64BE(BigInt(part.epoch), 8);
  header.writeBigUInt64BE(BigInt(part.from), 16);
  header.writeBigUInt64BE(BigInt(part.to), 24);
  header.writeUInt32BE(plain.length, 32);
  header.writeUInt32BE(payload.length, 36);
  return Buffer.concat([header, digest(header, payload), payload]);
}

function corrupt(key: string, what: string, cause?: unknown): JournalError {
  return new JournalError('JOURNAL_CORRUPT', `The auth journal's object ${key} is damaged: ${what}.`, {
    cause,
  });
}

async function inflate(key: string, payload: Buffer, plainBytes: number): Promise<Buffer> {
  try {
    const options = { maxOutputLength: Math.max(1, plainBytes) };
    return plainBytes >= ASYNC_FROM_BYTES
      ? await inflateAsync(payload, options)
      : inflateRawSync(payload, options);
  } catch (error) {
    throw corrupt(key, 'it does not inflate', error);
  }
}

/**
 * @param key names the object in errors.
 * @throws JournalError JOURNAL_CORRUPT, JOURNAL_VERSION
 */
export async function decodePart(key: string, body: Uint8Array): Promise<JournalPart> {
  const source = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (source.length < HEADER_BYTES + DIGEST_BYTES || !source.subarray(0, 4).equals(MAGIC))
    throw corrupt(key, 'it does not begin as one');
  if ((source[4] ?? 0) > VERSION) {
    const message = `The auth journal's object ${key} was written by a newer release (format ${source[4]}).`;
    throw new JournalError('JOURNAL_VERSION', message);
  }
  const header = source.subarray(0, HEADER_BYTES);
  const payload = source.subarray(HEADER_BYTES + DIGEST_BYTES);
  if (!digest(header, payload).equals(source.subarray(HEADER_BYTES, HEADER_BYTES + DIGEST_BYTES)))
    throw corrupt(key, 'its checksum does not match');
  const flags = header[5] ?? 0;
  const kind = KINDS[header[6] ?? KINDS.length];
  const plainBytes = header.readUInt32BE(32);
  if (kind === undefined || plainBytes > LARGEST_PLAIN_BYTES || payload.length !== header.readUInt32BE(36))
    throw corrupt(key, 'its header makes no sense');
  const plain = flags & DEFLATED ? await inflate(key, payload, plainBytes) : payload;
  return {
    kind,
    epoch: Number(header.readBigUInt64BE(8)),
    from: Number(header.readBigUInt64BE(16)),
    to: Number(header.readBigUInt64BE(24)),
    clean: (flags & CLEAN) !== 0,
    entries: decodeEntries(plain),
  };
}
