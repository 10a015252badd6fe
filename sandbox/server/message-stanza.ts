import { proto } from '@whiskeysockets/baileys';
import type { Addressing, SandboxSettings } from '../verbs.ts';
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
  const { profile } = envelope.sender.account;
  const attrs = {
    ...addressOf(envelope, recipient, settings),
    id: envelope.id,
    t: envelope.timestamp,
    type: envelope.type,
    category: envelope.category,
    edit: envelope.edit,
    notify: envelope.category === 'peer' ? null : profile.name,
    verified_name: profile.business,
    verified_level: profile.business ? 'high' : null,
  };
  return stanza('message', attrs, contentOf(envelope, direct));
}

function contentOf(envelope: Envelope, direct: Enc | undefined): Stanza[] {
  const { business } = envelope.sender.account.profile;
  const content: Stanza[] = business ? [verifiedName(business)] : [];
  if (envelope.withheld) {
    const type = envelope.withheld === 'view_once' ? { type: 'view_once' } : {};
    return [...content, stanza('unavailable', type)];
  }
  if (direct) content.push(encNode(direct));
  if (envelope.group) content.push(encNode(envelope.group));
  if (direct?.type === 'pkmsg' && envelope.deviceIdentity)
    content.push(stanza('device-identity', {}, envelope.deviceIdentity));
  return content;
}

/** A company's certificate, as far as clients read it: nobody has signed this one. */
function verifiedName(name: string): Stanza {
  const details = proto.VerifiedNameCertificate.Details.encode({ verifiedName: name, serial: 1 }).finish();
  const certificate = proto.VerifiedNameCertificate.encode({ details }).finish();
  return stanza('verified_name', { v: '2', verified_level: 'high' }, certificate);
}
type AddressAttributes = Record<string, string | null>;

function addressOf(envelope: Envelope, recipient: Account, settings: SandboxSettings): AddressAttributes {
  const { sender, chat, onlyLid } = envelope;
  const own = sender.account === recipient;
  const addressing = onlyLid ? 'lid' : settings.addressing;
  const other = addressing === 'lid' ? 'pn' : 'lid';
  const alternates = settings.alternates && !onlyLid;
  const alternate = (of: Account, form: Addressing) => (alternates ? of.jid(form) : null);
  const { username } = sender.account.profile;
  if (chat.kind === 'group') {
    const mode = onlyLid ? 'lid' : chat.group.addressing;
    const alternative = mode === 'lid' ? 'pn' : 'lid';
    return {
      from: chat.group.id,
      participant: sender.account.jid(mode, sender.device),
      [`participant_${alternative}`]: alternate(sender.account, alternative),
      participant_username: username,
      addressing_mode: mode,
    };
  }
  const from = sender.account.jid(addressing, sender.device);
  if (envelope.category === 'peer') return { from };
  if (chat.kind === 'list')
    return {
      from: chat.id,
      participant: from,
      [`participant_${other}`]: alternate(sender.account, other),
      participant_username: username,
      addressing_mode: addressing,
    };
  if (!own)
    return {
      from,
      [`sender_${other}`]: alternate(sender.account, other),
      sender_username: username,
      addressing_mode: addressing,
    };
  return {
    from,
    recipient: chat.account.jid(addressing),
    [`peer_recipient_${other}`]: alternate(chat.account, other),
    peer_recipient_username: chat.account.profile.username,
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
