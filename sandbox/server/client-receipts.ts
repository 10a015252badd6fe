import { type Addressing, isGroupJid, isLidJid, parseJid } from '../wire/jid.ts';
import { child, children, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import { type Companion, queueKey } from '../world/companion.ts';
import type { Exchange } from './exchange.ts';

/** Receipts that stay between a person's own devices, or tell the server alone something. */
const privateTypes = new Set(['sender', 'peer_msg', 'hist_sync', 'read-self', 'server-error']);

/** A linked device's receipt: the message need not be kept any longer, and its author learns of it. */
export function takeClientReceipt(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  node: Stanza,
): void {
  const { to, participant, type } = node.attrs;
  const ids = [node.attrs['id'] ?? '', ...listedIds(node)].filter(Boolean);
  for (const id of ids) {
    const key = queueKey('message', id);
    if (type === 'retry' && companion.queue.has(key)) companion.retried.add(id);
    exchange.acknowledge(account, companion, key);
  }
  account.counters.acks += 1;
  if (type === 'server-error') exchange.askForMedia(account, companion, node);
  if (type && privateTypes.has(type)) return;
  const group = isGroupJid(to) ? exchange.world.groups.get(to ?? '') : undefined;
  const authorJid = participant ?? to;
  const author = exchange.world.find(authorJid);
  if (!author || (author === account && type !== 'retry')) return;
  const addressing: Addressing = isLidJid(authorJid) ? 'lid' : 'pn';
  exchange.receipt({
    ids,
    from: { account, device: companion.id },
    to: author,
    toDevice: type === 'retry' ? (parseJid(authorJid)?.device ?? 0) : null,
    group: group ?? null,
    addressing,
    // "inactive" says that nobody is looking at the client; to the author it is a delivery.
    type: type === 'inactive' ? null : (type ?? null),
    timestamp: nowSeconds(),
    content: type === 'retry' ? children(node).filter((one) => one.tag !== 'list') : [],
  });
}

export function receiptAck(node: Stanza): Stanza {
  const { id, to, participant, type } = node.attrs;
  return stanza('ack', { class: 'receipt', id, from: to, participant, type });
}

/** A linked device's ack of anything; an error in it says that the message could not be used. */
export function takeClientAck(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  node: Stanza,
): void {
  const { id = '', to = '', type = '', participant = '', error } = node.attrs;
  const tag = node.attrs['class'] ?? '';
  account.counters.acks += 1;
  if (error) account.counters.nacks += 1;
  // A retry receipt has settled this message already; what waits under its id now is the repetition.
  if (tag === 'message' && error && companion.retried.delete(id)) return;
  exchange.acknowledge(account, companion, queueKey(tag, id, `${to}|${type}|${participant}`));
}

function listedIds(node: Stanza): string[] {
  return children(child(node, 'list'), 'item').map((item) => item.attrs['id'] ?? '');
}
