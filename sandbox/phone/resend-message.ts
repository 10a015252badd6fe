import { proto } from '@whiskeysockets/baileys';
import type { Chat, ReceiptNote } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import type { PreKeyBundle } from '../signal/key-agreement.ts';
import { openSession } from '../signal/key-material.ts';
import { distributeSenderKey, senderKeyName } from '../signal/sender-key.ts';
import { bytesOf, child, type Stanza, unsignedOf } from '../wire/stanza.ts';
import { type Account, deviceKey, type SentMessage } from '../world/account.ts';
import { emptyEnvelope, encryptForDevice, ownCopy } from './send-content.ts';

/** Answers a retry receipt: the message once more, for the one device that could not read it. */
export function resendMessage(
  exchange: Exchange,
  account: Account,
  note: ReceiptNote,
  id: string,
  sent: SentMessage,
): void {
  const target = note.from;
  const key = deviceKey(target.account.number, target.device);
  const registrationId = unsignedOf(wrap(note.content), 'registration');
  const keys = note.content.find((node) => node.tag === 'keys');
  if (keys) openSession(account.keys, key, readBundle(keys, registrationId));
  const retry = note.content.find((node) => node.tag === 'retry');
  const count = retry?.attrs['count'] ?? '1';
  const envelope = emptyEnvelope(account, chatOf(exchange, note, sent), id, exchange);
  const encrypted = encryptForDevice(exchange, account, target, contentFor(account, note, sent));
  if (!encrypted) return;
  envelope.type = sent.type;
  envelope.edit = sent.edit ?? null;
  envelope.direct.set(key, { ...encrypted, attrs: { count } });
  exchange.deliver(envelope);
}

function contentFor(account: Account, note: ReceiptNote, sent: SentMessage): Uint8Array {
  if (note.group) {
    const name = senderKeyName(note.group.id, deviceKey(account.number, 0));
    const message = proto.Message.decode(sent.content);
    message.senderKeyDistributionMessage = {
      groupId: note.group.id,
      axolotlSenderKeyDistributionMessage: distributeSenderKey(account.keys, name),
    };
    return proto.Message.encode(message).finish();
  }
  return note.from.account === account ? ownCopy(sent.chat, sent.content) : sent.content;
}

function chatOf(exchange: Exchange, note: ReceiptNote, sent: SentMessage): Chat {
  if (note.group) return { kind: 'group', group: note.group };
  return { kind: 'person', account: exchange.world.find(sent.chat) ?? note.from.account };
}

function wrap(content: Stanza[]): Stanza {
  return { tag: 'receipt', attrs: {}, content };
}

function readBundle(keys: Stanza, registrationId: number): PreKeyBundle {
  const signed = child(keys, 'skey');
  const preKey = child(keys, 'key');
  return {
    registrationId,
    identity: bytesOf(keys, 'identity'),
    signedPreKey: {
      id: unsignedOf(signed, 'id'),
      public: bytesOf(signed, 'value'),
      signature: bytesOf(signed, 'signature'),
    },
    preKey: preKey ? { id: unsignedOf(preKey, 'id'), public: bytesOf(preKey, 'value') } : null,
  };
}
