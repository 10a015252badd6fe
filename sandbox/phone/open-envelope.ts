import type { proto } from '@whiskeysockets/baileys';
import type { Enc, Envelope } from '../server/envelope.ts';
import { decryptFrom, identityOf } from '../signal/key-material.ts';
import { acceptSenderKey, decryptFromGroup, senderKeyName } from '../signal/sender-key.ts';
import { type Account, deviceKey } from '../world/account.ts';
import { deviceIdentityProblem } from './device-identity.ts';
import { parsePadded } from './read-message.ts';

/** What was in the envelope for this phone; `copy` when a device of the same account sent it. */
export type Opened = { message: proto.IMessage | null; copyOf: string | null };

/** Decrypts everything that is for this phone. Throws when a part cannot be decrypted. */
export function openEnvelope(account: Account, envelope: Envelope, direct: Enc | undefined): Opened {
  const address = deviceKey(envelope.sender.account.number, envelope.sender.device);
  const personal = direct ? openDirect(account, envelope, direct, address) : null;
  const distribution = personal?.senderKeyDistributionMessage;
  if (distribution?.axolotlSenderKeyDistributionMessage && distribution.groupId) {
    const name = senderKeyName(distribution.groupId, address);
    acceptSenderKey(account.keys, name, distribution.axolotlSenderKeyDistributionMessage);
  }
  const copy = personal?.deviceSentMessage;
  if (copy) {
    if (envelope.sender.account !== account)
      throw new Error('Somebody else claims that this account sent this message.');
    return { message: copy.message ?? null, copyOf: copy.destinationJid ?? '' };
  }
  if (!envelope.group || envelope.chat.kind !== 'group') return { message: personal, copyOf: null };
  const name = senderKeyName(envelope.chat.group.id, address);
  return { message: parsePadded(decryptFromGroup(account.keys, name, envelope.group.body)), copyOf: null };
}

function openDirect(account: Account, envelope: Envelope, enc: Enc, address: string): proto.Message | null {
  const { sender, deviceIdentity } = envelope;
  if (enc.type === 'pkmsg') {
    const identity = identityOf(enc.body);
    const accountKey = sender.account.keys.identity.public;
    const problem =
      sender.device === 0
        ? identity.equals(accountKey)
          ? ''
          : 'The phone shows an identity that is not its own.'
        : deviceIdentityProblem(deviceIdentity, identity, accountKey);
    if (problem) throw new Error(problem);
  }
  return parsePadded(decryptFrom(account.keys, address, enc));
}
