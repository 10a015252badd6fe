import type { SocketConfig } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';

type PnToLid = NonNullable<Parameters<SocketConfig['makeSignalRepository']>[2]>;

const MOST_UNMAPPED = 5_000;
const UNMAPPED_TTL_MS = 10 * 60_000;

/**
 * Limits how often WhatsApp is asked for LIDs. Baileys asks for the LID of an unmapped phone number each time
 * it touches that person's session (`lid-mapping.js`, getLIDsForPNs). A number without one is asked for again
 * only after a while; a mapping that arrives meanwhile, with a message, is found in the store first.
 */
export function rememberUnmapped(pnToLid: PnToLid | undefined): PnToLid | undefined {
  if (pnToLid === undefined) return undefined;
  const unmapped = new LRUCache<string, true>({ max: MOST_UNMAPPED, ttl: UNMAPPED_TTL_MS });
  return async (jids) => {
    const unknown = jids.filter((jid) => !unmapped.has(jid));
    if (unknown.length === 0) return [];
    const found = await pnToLid(unknown);
    if (found === undefined) return found;
    const mapped = new Set(found.map(({ pn }) => pn));
    for (const jid of unknown) if (!mapped.has(jid)) unmapped.set(jid, true);
    return found;
  };
}
