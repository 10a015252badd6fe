import type { SandboxSettings } from '../verbs.ts';
import { type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Enc, Envelope, ReceiptNote } from './envelope.ts';

/**
 * The message as one linked device gets it. Baileys reads `sender_pn`/`sender_lid` (for own copies
 * `peer_recipient_*`, in groups `participant_*`) as the other name of the same person
 * (decode-wa-message.js, `extractAddressingContext`).
 */
export function messageStanza(
  envelope: Envelope,
  recipient: Account,
  direct: Enc | undefined,
  settings: SandboxSettings,
): Stanza {
  const content: Stanza[] = [];
  if (direct) content.push(encNode(direct));
  if (envelope.group) content.push(encNode(envelope.group));
  if (direct?.type === 'pkmsg' && envelope.deviceIdentity)
    content.push(stanza('device-identity', {}, envelope.deviceIdentity));
  const attrs = {
    ...addressOf(envelope, recipient, settings),
    id: envelope.id,
    t: envelope.timestamp,
    type: envelope.type,
    category: envelope.category,
    edit: envelope.edit,
    notify: envelope.category === 'peer' ? null : envelope.sender.account.profile.name,
  };
  return stanza('message', attrs, content);
}

type AddressAttributes = Record<string, string | null>;

function addressOf(envelope: Envelope, recipient: Account, settings: SandboxSettings): AddressAttributes {
  const { sender, chat } = envelope;
  const own = sender.account === recipient;
  const { addressing } = settings;
  const other = addressing === 'lid' ? 'pn' : 'lid';
  if (chat.kind === 'group') {
    const mode = chat.group.addressing;
    const alternative = mode === 'lid' ? 'pn' : 'lid';
    return {
      from: chat.group.id,
      participant: sender.account.jid(mode, sender.device),
      [`participant_${alternative}`]: sender.account.jid(alternative),
      addressing_mode: mode,
    };
  }
  const from = sender.account.jid(addressing, sender.device);
  if (envelope.category === 'peer') return { from };
  if (!own) return { from, [`sender_${other}`]: sender.account.jid(other), addressing_mode: addressing };
  return {
    from,
    recipient: chat.account.jid(addressing),
    [`peer_recipient_${other}`]: chat.account.jid(other),
    addressing_mode: addressing,
  };
}

function encNode(enc: Enc): Stanza {
  return stanza('enc', { v: '2', type: enc.type, ...enc.attrs }, enc.body);
}

export function receiptStanza(note: ReceiptNote): Stanza {
  const { account, device } = note.from;
  const [id = '', ...others] = note.ids;
  const person = account.jid(note.addressing, device);
  const list = others.length
    ? [
        stanza(
          'list',
          {},
          others.map((other) => stanza('item', { id: other })),
        ),
      ]
    : [];
  const content = [...list, ...note.content];
  return stanza(
    'receipt',
    {
      id,
      from: note.group ? note.group.id : person,
      participant: note.group ? person : null,
      type: note.type,
      t: note.timestamp,
    },
    content.length ? content : undefined,
  );
}
