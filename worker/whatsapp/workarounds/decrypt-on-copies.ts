import {
  isSessionRecord,
  type SessionRecord,
  splitSessions,
  withSessions,
} from '../signal/session-record.ts';
import type { SignalKeys } from '../signal/signal-keys.ts';
import { decodeValue, encodeValue } from '../signal/value-codec.ts';

function readRecord(keys: SignalKeys, address: string): SessionRecord | undefined {
  const text = keys.staged.get('session', address);
  const record = text === undefined ? undefined : decodeValue(text);
  return isSessionRecord(record) ? record : undefined;
}

/**
 * Tries each Signal session of a record by itself, on a copy. libsignal-node tries them on the record and
 * stores what vain attempts did to it (`session_cipher.js`, `decryptWithSessions`): one late message for an
 * archived session would make every following one fail with "Bad MAC".
 * @param attempt decrypts with whatever stands in the store under the address
 */
export async function decryptOnCopies<T>(
  keys: SignalKeys,
  address: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const record = readRecord(keys, address);
  const copies = record === undefined ? [] : splitSessions(record);
  if (record === undefined || copies.length < 2) return await attempt();
  let failure: unknown;
  for (const copy of copies) {
    try {
      return await keys.attempt(async () => {
        keys.staged.set('session', address, encodeValue(copy));
        const plaintext = await attempt();
        const used = readRecord(keys, address) ?? copy;
        keys.staged.set('session', address, encodeValue(withSessions(record, used)));
        return plaintext;
      });
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
