import { isSessionRecord, mergeSessions } from './session-record.ts';
import { decodeValue, type EncodedKeys, encodeValue } from './value-codec.ts';

/** Signal addresses carry a domain: `<user>.<device>` for a phone number, `<user>_1.<device>` for a LID. */
const LID_DOMAIN = 1;
const HOSTED_LID_DOMAIN = 129;
const HOSTED_DEVICE = 99;

const lidAddress = (lidUser: string, device: string) =>
  `${lidUser}_${Number(device) === HOSTED_DEVICE ? HOSTED_LID_DOMAIN : LID_DOMAIN}.${device}`;

function moveSession(keys: EncodedKeys, from: string, to: string): void {
  const text = keys.get('session', from);
  if (text === undefined) return;
  const moved = decodeValue(text);
  const existing = decodeValue(keys.get('session', to) ?? 'null');
  if (isSessionRecord(moved) && isSessionRecord(existing))
    keys.set('session', to, encodeValue(mergeSessions(existing, moved, Date.now())));
  else if (existing === null) keys.set('session', to, text);
  keys.set('session', from, undefined);
}

function moveIdentity(keys: EncodedKeys, from: string, to: string): void {
  const identity = keys.get('identity-key', from);
  if (identity === undefined) return;
  if (keys.get('identity-key', to) === undefined) keys.set('identity-key', to, identity);
  keys.set('identity-key', from, undefined);
}

/**
 * Moves what is kept under a phone number to its LID, together with the mapping that makes Baileys look
 * there. Baileys does it in a later step, and between the two an encryption finds no session and leaves the
 * device out. An existing LID session is never overwritten.
 * @param mappings as Baileys stores them: phone user to LID user, and `<lid user>_reverse` to phone user.
 */
export function migrateToLid(keys: EncodedKeys, mappings: readonly (readonly [string, unknown])[]): void {
  for (const [pnUser, lidUser] of mappings) {
    if (typeof lidUser !== 'string' || pnUser.endsWith('_reverse')) continue;
    for (const [space, move] of [
      ['session', moveSession],
      ['identity-key', moveIdentity],
    ] as const) {
      const addresses = [...keys.ids(space)].filter((id) => userOf(id) === pnUser);
      for (const address of addresses)
        move(keys, address, lidAddress(lidUser, address.slice(address.indexOf('.') + 1)));
    }
  }
}

/** The user of a phone number's address, hosted or not; `undefined` for a LID's. */
function userOf(address: string): string | undefined {
  const [user, domain] = address.slice(0, address.indexOf('.')).split('_');
  return domain === undefined || domain === '128' ? user : undefined;
}
