import type { Exchange } from '../server/exchange.ts';
import type { AccountView, ConnectionView, DeviceView } from '../verbs.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';

export function accountView(account: Account): AccountView {
  const { number, name, exists, delivers, reads, replies, username, business } = account.profile;
  return {
    number,
    jid: account.jid('pn'),
    lid: account.jid('lid'),
    name,
    exists,
    delivers,
    reads,
    replies,
    username,
    business,
    devices: account.companions.size,
  };
}

export function deviceView(exchange: Exchange, account: Account, companion: Companion): DeviceView {
  return {
    device: companion.id,
    jid: account.jid('pn', companion.id),
    lid: account.jid('lid', companion.id),
    platform: companion.platform,
    linkedAt: new Date(companion.linkedAt).toISOString(),
    connected: exchange.online.get(deviceKey(account.number, companion.id))?.open ?? false,
    oneTimePreKeys: companion.preKeys.size,
    queued: companion.queue.size,
  };
}

export function connectionView(connection: WaConnection): ConnectionView {
  return {
    id: connection.id,
    state: connection.state === 'closed' ? 'handshake' : connection.state,
    number: connection.account?.number ?? null,
    device: connection.companion?.id ?? null,
    deaf: connection.deaf,
    since: connection.since.toISOString(),
  };
}
