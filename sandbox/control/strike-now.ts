import { conflict, endWith } from '../server/wa-server.ts';
import type { FaultRequest, FaultView } from '../verbs.ts';
import { stanza } from '../wire/stanza.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import type { VerbParts } from './verb-parts.ts';

/** Faults that happen at once, to the connections there are. Null for those that lie in wait. */
export function strikeNow(parts: VerbParts, fault: FaultRequest): FaultView | null {
  const struck = (hits: number): FaultView => ({ ...fault, id: 0, hits, left: 0 });
  const targets = [...parts.server.connections].filter(
    (one) => fault.account === undefined || one.account?.number === fault.account,
  );
  const each = (act: (connection: WaConnection) => void): FaultView => {
    for (const connection of targets) act(connection);
    return struck(targets.length);
  };
  switch (fault.kind) {
    case 'drop':
      return each((one) => one.drop());
    case 'close':
      return each((one) => one.close());
    case 'conflict':
      return each((one) => endWith(one, conflict()));
    case 'stream-error':
      return each((one) => endWith(one, stanza('stream:error', { code: fault.code ?? 503 })));
    case 'unlink':
      return struck(unlinkAll(parts, fault.account));
    case 'prekeys-low':
      return struck(takePreKeys(parts, fault));
    case 'deaf':
      for (const connection of targets) connection.deaf = true;
      return fault.sticky ? null : struck(targets.length);
    default:
      return null;
  }
}

function unlinkAll(parts: VerbParts, number: string | undefined): number {
  let unlinked = 0;
  for (const account of parts.exchange.world.accounts.values()) {
    if (number !== undefined && account.number !== number) continue;
    for (const companion of [...account.companions.values()]) {
      parts.companionSessions.unlink(account, companion);
      unlinked += 1;
    }
  }
  return unlinked;
}

/** Leaves `count` (3) one-time keys on the server, and tells the client. */
function takePreKeys(parts: VerbParts, fault: FaultRequest): number {
  let devices = 0;
  for (const account of parts.exchange.world.accounts.values()) {
    if (fault.account !== undefined && account.number !== fault.account) continue;
    for (const companion of account.companions.values()) {
      const surplus = [...companion.preKeys.keys()].slice(0, -(fault.count ?? 3) || undefined);
      for (const id of surplus) companion.preKeys.delete(id);
      parts.exchange.notifyPreKeyCount(account, companion);
      devices += 1;
    }
  }
  return devices;
}
