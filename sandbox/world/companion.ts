import type { PreKeyBundle } from '../signal/key-agreement.ts';
import type { Stanza } from '../wire/stanza.ts';

/** A linked device as the server knows it: public keys only, and what waits for it. */
export type Companion = {
  id: number;
  keyIndex: number;
  noiseKey: Buffer;
  identity: Buffer;
  registrationId: number;
  signedPreKey: { id: number; public: Buffer; signature: Buffer };
  /** One-time keys, each handed out once. */
  preKeys: Map<number, Buffer>;
  platform: string;
  linkedAt: number;
  historySent: boolean;
  /** It has asked for all there is. */
  wantsFullHistory: boolean;
  /** In the order of arrival, by `queueKey`. */
  queue: Map<string, QueuedStanza>;
  /** Messages answered by a retry receipt, whose error ack is still to come. */
  retried: Set<string>;
};

export type QueuedStanza = { node: Stanza; attempts: number };

/** What an acknowledgement refers to. Messages go by id alone: rc14 leaves `to` out of some receipts. */
export function queueKey(tag: string, id: string, from = ''): string {
  return tag === 'receipt' ? `${tag}|${id}|${from}` : `${tag}|${id}`;
}

/** A bundle with the oldest one-time key, which is gone from then on. */
export function takeBundle(companion: Companion): PreKeyBundle {
  const [first] = companion.preKeys;
  if (first) companion.preKeys.delete(first[0]);
  return {
    registrationId: companion.registrationId,
    identity: companion.identity,
    signedPreKey: companion.signedPreKey,
    preKey: first ? { id: first[0], public: first[1] } : null,
  };
}
