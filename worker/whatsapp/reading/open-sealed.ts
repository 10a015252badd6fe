import { createDecipheriv, hkdfSync } from 'node:crypto';

/** What is sealed with the secret of another message, in the words of the key's derivation. */
export type SecretUse =
  | 'Poll Vote'
  | 'Event Response'
  | 'Message Edit'
  | 'Event Edit'
  | 'Poll Edit'
  | 'Enc Reaction'
  | 'Enc Comment';

/** What is kept of a message for what may be said about it sealed. */
export interface KnownSecret {
  secret: Uint8Array;
  /** JIDs without a device. */
  senders: readonly string[];
  /** Of a poll. */
  options?: readonly string[] | undefined;
}

export interface Sealed {
  use: SecretUse;
  payload: Uint8Array;
  iv: Uint8Array;
}

export interface SealedBy {
  secret: Uint8Array;
  originalId: string;
  /** JIDs without a device: all names that its sender may have gone by. */
  originalSenders: readonly string[];
  /** Likewise, of who sealed it. */
  modifiers: readonly string[];
}

/** Votes and answers bind the original and who answers it. */
const BOUND: ReadonlySet<SecretUse> = new Set(['Poll Vote', 'Event Response']);
const TAG_BYTES = 16;
const NO_SALT = Buffer.alloc(32);

/**
 * What was sealed with a message's secret; `undefined` where it was sealed with another, or by other names. Senders
 * derive the key from LIDs or from phone numbers, theirs and the original sender's; AES-GCM tells which it was.
 */
export function openSealed(
  { use, payload, iv }: Sealed,
  { secret, originalId, originalSenders, modifiers }: SealedBy,
): Buffer | undefined {
  if (payload.length < TAG_BYTES || iv.length === 0) return undefined;
  for (const originalSender of originalSenders)
    for (const modifier of modifiers) {
      const info = `${originalId}${originalSender}${modifier}${use}`;
      const key = Buffer.from(hkdfSync('sha256', secret, NO_SALT, info, 32));
      const bound = BOUND.has(use) ? Buffer.from(`${originalId}\0${modifier}`) : undefined;
      const opened = openGcm(key, iv, payload, bound);
      if (opened !== undefined) return opened;
    }
  return undefined;
}

function openGcm(
  key: Buffer,
  iv: Uint8Array,
  payload: Uint8Array,
  bound: Buffer | undefined,
): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv);
    if (bound !== undefined) decipher.setAAD(bound);
    decipher.setAuthTag(payload.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(payload.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
