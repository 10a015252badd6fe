import { type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Exchange } from './exchange.ts';

/** Tells everybody who knows this account's device list that it has changed, in the form they asked in. */
export function notifyDeviceChange(
  exchange: Exchange,
  account: Account,
  change: { kind: 'add' | 'remove'; device: number; keyIndex: number },
): void {
  for (const [key, forms] of account.watchers) {
    const [number = '', device = ''] = key.split('.');
    const watcher = exchange.world.accounts.get(number);
    const companion = watcher?.companions.get(Number(device));
    if (!watcher || !companion) {
      account.watchers.delete(key);
      continue;
    }
    for (const form of forms) {
      const jid = account.jid(form, change.device);
      const content: Stanza[] = [stanza('device', { jid, 'key-index': change.keyIndex })];
      const node = stanza(change.kind, { device_hash: '2:sandbox' }, content);
      exchange.notify(watcher, companion, 'devices', account.jid(form), [node]);
    }
  }
}
