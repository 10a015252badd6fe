/**
 * libsignal-node's session record as it serializes itself (libsignal `src/session_record.js`): sessions by
 * base key, each with its chains by ratchet key.
 */
interface Chain {
  chainKey: { counter: number; key?: string | null };
  chainType: number;
  messageKeys: Record<string, string>;
}
interface SessionEntry {
  indexInfo: { closed: number; used: number; created: number };
  _chains: Record<string, Chain>;
}
export interface SessionRecord {
  _sessions: Record<string, SessionEntry>;
  version: string;
}

const OPEN = -1;
const SENDING = 1;
/** As libsignal-node keeps (`session_record.js`); a message for an older one is asked for again by a retry receipt. */
const MOST_CLOSED_SESSIONS = 40;
/** Of those that were closed long ago: they go with every write of the record, and little can still be on its way. */
const MOST_LONG_CLOSED_SESSIONS = 8;
const LONG_CLOSED_MS = 7 * 86_400_000;
/** Closed receiving chains that still hold skipped message keys; Signal's own libraries keep 5. */
const MOST_CLOSED_CHAINS = 8;

export function isSessionRecord(value: unknown): value is SessionRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    '_sessions' in value &&
    typeof value._sessions === 'object' &&
    value._sessions !== null
  );
}

const isClosedChain = (chain: Chain) => chain.chainType !== SENDING && !chain.chainKey.key;

/**
 * libsignal-node never forgets a receiving chain, so a chat that goes back and forth grows its record with
 * every turn. A closed chain without skipped keys can decrypt nothing; of the others the newest few stay.
 */
function pruneChains(chains: Record<string, Chain>): Record<string, Chain> {
  if (!Object.values(chains).some(isClosedChain)) return chains;
  const closed: string[] = [];
  const kept: Record<string, Chain> = {};
  for (const [key, chain] of Object.entries(chains)) {
    if (!isClosedChain(chain)) kept[key] = chain;
    else if (Object.keys(chain.messageKeys).length > 0) closed.push(key);
  }
  for (const key of closed.slice(-MOST_CLOSED_CHAINS)) {
    const chain = chains[key];
    if (chain) kept[key] = chain;
  }
  return kept;
}

/** A copy with the closed sessions and chains that matter least left out; other values as they are. */
export function pruneSessionRecord(value: unknown, nowMs = Date.now()): unknown {
  if (!isSessionRecord(value)) return value;
  const all = Object.entries(value._sessions);
  const closed = all
    .filter(([, session]) => session.indexInfo.closed !== OPEN)
    .sort(([, a], [, b]) => b.indexInfo.closed - a.indexInfo.closed);
  const isDropped = (closedAtMs: number, at: number) =>
    at >= (nowMs - closedAtMs > LONG_CLOSED_MS ? MOST_LONG_CLOSED_SESSIONS : MOST_CLOSED_SESSIONS);
  const dropped = new Set(
    closed.filter(([, { indexInfo }], at) => isDropped(indexInfo.closed, at)).map(([key]) => key),
  );
  const kept = all
    .filter(([key]) => !dropped.has(key))
    .map(([key, session]): [string, SessionEntry] => [
      key,
      { ...session, _chains: pruneChains(session._chains) },
    ]);
  return { ...value, _sessions: Object.fromEntries(kept) };
}

/**
 * One record per session of a record, the most recently used first. libsignal-node tries them in that order
 * but on the record itself, and stores what the vain attempts did to it (`session_cipher.js`,
 * `decryptWithSessions`): one late message can so turn every later one into "Bad MAC".
 */
export function splitSessions(record: SessionRecord): SessionRecord[] {
  return Object.entries(record._sessions)
    .sort(([, a], [, b]) => (b.indexInfo.used || 0) - (a.indexInfo.used || 0))
    .map(([key, session]) => ({ version: record.version, _sessions: { [key]: session } }));
}

/** The record with the sessions of `update` in place of its own. */
export function withSessions(record: SessionRecord, update: SessionRecord): SessionRecord {
  return { ...record, _sessions: { ...record._sessions, ...update._sessions } };
}

/**
 * What a phone number's record and its LID's become as one: the LID's open session stays the open one, and
 * the other's are kept closed, since the peer may still answer on them.
 */
export function mergeSessions(lid: SessionRecord, pn: SessionRecord, nowMs: number): SessionRecord {
  const hasOpen = Object.values(lid._sessions).some((session) => session.indexInfo.closed === OPEN);
  const merged: Record<string, SessionEntry> = { ...lid._sessions };
  for (const [key, session] of Object.entries(pn._sessions)) {
    if (merged[key] !== undefined) continue;
    const isOpen = session.indexInfo.closed === OPEN;
    merged[key] =
      isOpen && hasOpen ? { ...session, indexInfo: { ...session.indexInfo, closed: nowMs } } : session;
  }
  return { ...lid, _sessions: merged };
}
