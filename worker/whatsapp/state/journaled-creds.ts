import { type AuthenticationCreds, initAuthCreds } from '@whiskeysockets/baileys';
import type { Journal } from '../../storage/journal/journal.ts';
import { decodeValue, encodeValue } from '../signal/value-codec.ts';

const CREDS = 'creds';

/** What frames may depend on. The rest (names, counters of syncs, routing) is told again when it is lost. */
const BINDING = new Set([
  ...['account', 'noiseKey', 'signedIdentityKey', 'signedPreKey', 'registrationId', 'advSecretKey'],
  ...['nextPreKeyId', 'firstUnuploadedPreKeyId', 'myAppStateKeyId', 'registered'],
]);

/** The space of the journal that holds credentials, a field each. */
export const isCredsSpace = (space: string) => space === CREDS;

/** `undefined` where the journal holds none. */
export function readCreds(journal: Journal): AuthenticationCreds | undefined {
  const fields = [...journal.state.entriesOf(CREDS)].map(([field, text]) => [field, decodeValue(text)]);
  if (fields.length === 0) return undefined;
  // What `writeCreds` took apart, over the fields that only a fresh identity sets.
  return { ...initAuthCreds(), ...Object.fromEntries(fields) };
}

/** Fields that are as they were cost nothing. */
export function writeCreds(journal: Journal, creds: AuthenticationCreds): void {
  for (const [field, value] of Object.entries(creds)) {
    const text = value === undefined ? undefined : encodeValue(value);
    journal.append(CREDS, field, text, BINDING.has(field) ? 'binding' : 'soon');
  }
}
