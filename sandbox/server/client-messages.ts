import { type Addressing, isGroupJid, isLidJid, parseJid } from '../wire/jid.ts';
import { bytesOf, child, children, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';
import type { Chat, Enc, Envelope } from './envelope.ts';
import type { Exchange } from './exchange.ts';

export type Verdict = { error: number | null; envelope: Envelope | null; stale: boolean };

const refused = (error: number | null): Verdict => ({ error, envelope: null, stale: false });

/** Reads a message of a linked device, and says whether the server takes it. */
export function readClientMessage(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  node: Stanza,
): Verdict {
  const { to, id, recipient } = node.attrs;
  if (!to || !id) return refused(400);
  // Status posts and newsletters have no recipients here: they are acknowledged and go nowhere.
  if (/@(broadcast|newsletter)$/.test(to)) return refused(null);
  const chat = chatOf(exchange, recipient ?? to);
  if (!chat) return refused(404);
  if (chat.kind === 'group' && !chat.group.participants.has(account.number)) return refused(403);
  const direct = readDirect(exchange, node);
  const envelope: Envelope = {
    id,
    timestamp: nowSeconds(),
    sender: { account, device: companion.id },
    chat,
    type: node.attrs['type'] ?? 'text',
    addressing: addressingOf(recipient ?? to),
    direct,
    group: null,
    deviceIdentity: child(node, 'device-identity') ? bytesOf(node, 'device-identity') : null,
    category: node.attrs['category'] ?? null,
    edit: node.attrs['edit'] ?? null,
    withheld: null,
    onlyLid: false,
  };
  for (const enc of children(node, 'enc')) {
    if (enc.attrs['type'] === 'skmsg') envelope.group = readEnc(enc);
    else addSingle(exchange, envelope, node, readEnc(enc));
  }
  if (direct.size === 0 && !envelope.group) return refused(400);
  return { error: null, envelope, stale: isStale(account, companion, envelope, node) };
}

/** The ack of a message; `phash` tells the client that its list of devices is out of date. */
export function messageAck(node: Stanza, verdict: Verdict): Stanza {
  return stanza('ack', {
    class: 'message',
    id: node.attrs['id'],
    from: node.attrs['to'],
    participant: node.attrs['participant'],
    t: nowSeconds(),
    error: verdict.error,
    phash: verdict.stale ? '2:sandbox' : null,
  });
}

function chatOf(exchange: Exchange, jid: string): Chat | null {
  if (isGroupJid(jid)) {
    const group = exchange.world.groups.get(jid);
    return group ? { kind: 'group', group } : null;
  }
  const person = exchange.world.find(jid);
  return person?.profile.exists ? { kind: 'person', account: person } : null;
}

function addressingOf(jid: string): Addressing {
  return isLidJid(jid) ? 'lid' : 'pn';
}

function readDirect(exchange: Exchange, node: Stanza): Map<string, Enc> {
  const direct = new Map<string, Enc>();
  for (const to of children(child(node, 'participants'), 'to')) {
    const enc = child(to, 'enc');
    const key = keyOf(exchange, to.attrs['jid']);
    if (enc && key) direct.set(key, readEnc(enc));
  }
  return direct;
}

/** Peer messages and repetitions carry their ciphertext directly, for the one device they are for. */
function addSingle(exchange: Exchange, envelope: Envelope, node: Stanza, enc: Enc): void {
  const key = keyOf(exchange, node.attrs['participant'] ?? node.attrs['to']);
  if (key) envelope.direct.set(key, enc);
}

function keyOf(exchange: Exchange, jid: string | undefined): string | null {
  const owner = exchange.world.find(jid);
  return owner ? deviceKey(owner.number, parseJid(jid)?.device ?? 0) : null;
}

function readEnc(enc: Stanza): Enc {
  const { mediatype, count } = enc.attrs;
  const attrs = { ...(mediatype ? { mediatype } : {}), ...(count ? { count } : {}) };
  const hidden = enc.attrs['decrypt-fail'];
  return {
    type: enc.attrs['type'] ?? '',
    body: bytesOf(enc),
    attrs: hidden ? { ...attrs, 'decrypt-fail': hidden } : attrs,
  };
}

function isStale(account: Account, companion: Companion, envelope: Envelope, node: Stanza): boolean {
  if (envelope.chat.kind !== 'person' || envelope.category || !child(node, 'participants')) return false;
  const other = envelope.chat.account;
  const expected = [...new Set([account, other])].flatMap((one) =>
    one.deviceIds().map((device) => deviceKey(one.number, device)),
  );
  const self = deviceKey(account.number, companion.id);
  return expected.some((key) => key !== self && !envelope.direct.has(key));
}
