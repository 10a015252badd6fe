import { all, equals, exists, matches, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import type { SessionReport } from '../workers/reports/schema.ts';
import { createOwnership, type SessionOwnership } from './ownership.ts';
import { IndexHit, SessionItem, sessionKey, UNPLACED_PARTITION, workerPartition } from './session-item.ts';
import { judgeReport, reportChange, type Verdict } from './session-report.ts';
import type { StoredSettings } from './settings.ts';

export interface NewSession {
  sessionId: string;
  userId: string;
  accountKey: string;
  slot: string;
  name: string;
  description: string | null;
}

/** Absent parts stay as they are. */
export interface Description {
  name?: string | undefined;
  description?: string | null | undefined;
}

export interface ReportOutcome {
  verdict: Verdict;
  session: SessionItem;
}

export interface SessionStore extends SessionOwnership {
  /**
   * Returns `undefined` where there is such a session already. Over a tombstone it continues above its epoch.
   */
  create(session: NewSession): Promise<SessionItem | undefined>;
  /** Includes tombstones: whoever answers a tenant checks `deletedAt`. */
  get(sessionId: string): Promise<SessionItem | undefined>;
  getMany(sessionIds: readonly string[]): Promise<SessionItem[]>;
  /** Lists from the index, which lags: read the items with `getMany`. */
  listIdsOfWorker(workerId: string): Promise<string[]>;
  listUnplacedIds(limit: number): Promise<string[]>;
  /** Renames it; `undefined` where it is gone. */
  describe(sessionId: string, about: Description): Promise<SessionItem | undefined>;
  /** Stores settings; `undefined` where it is gone or where its settings are not those that were read. */
  configure(
    session: SessionItem,
    about: Description,
    settings: StoredSettings,
  ): Promise<SessionItem | undefined>;
  /** How much it has to do under this epoch; nothing happens where it has another one by now. */
  noteBusy(session: SessionItem, level: number): Promise<void>;
  /** Returns true for the one caller that may count the connected time since. */
  endConnectedTime(sessionId: string, connectedAt: string): Promise<boolean>;
  /** Applies a report to the session as it was read; reads again only where another report came first. */
  applyReport(session: SessionItem, report: SessionReport): Promise<ReportOutcome>;
}

const MAX_TRIES = 4;

/** `now` is in milliseconds. */
export function createSessionStore(table: Table, now: () => number): SessionStore {
  const get = (sessionId: string) => table.get(sessionKey(sessionId), SessionItem);

  const described = (about: Description) => {
    const given = Object.entries(about).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(given), updatedAt: new Date(now()).toISOString() };
  };

  async function create(input: NewSession): Promise<SessionItem | undefined> {
    const at = new Date(now()).toISOString();
    const fresh: SessionItem = {
      ...input,
      status: 'DISCONNECTED',
      phoneNumber: null,
      lastActivity: null,
      createdAt: at,
      updatedAt: at,
      epoch: 0,
      rev: 0,
      desired: 'disconnected',
      authFloor: 0,
    };
    const key = sessionKey(input.sessionId);
    if (await table.put({ ...key, ...fresh }, missing('pk'))) return fresh;
    const found = await get(input.sessionId);
    // The SDK repeats a write that timed out; the entry in the account distinguishes our own first try.
    if (found?.slot === input.slot && found.deletedAt === undefined) return found;
    if (found?.deletedAt === undefined) return undefined;
    const epoch = found.epoch + 1;
    const again: SessionItem = { ...fresh, epoch, rev: found.rev + 1, authFloor: epoch, firstEpoch: epoch };
    const condition = all(exists('deletedAt'), equals('epoch', found.epoch));
    return (await table.put({ ...key, ...again }, condition)) ? again : undefined;
  }

  return {
    ...createOwnership(table, now),
    create,
    get,
    getMany: (sessionIds) => table.getMany(sessionIds.map(sessionKey), SessionItem),
    async listIdsOfWorker(workerId) {
      const hits = await table.query({ pk: workerPartition(workerId), index: 'gsi1' }, IndexHit);
      return hits.map(({ gsi1sk }) => gsi1sk);
    },
    async listUnplacedIds(limit) {
      const hits = await table.query({ pk: UNPLACED_PARTITION, index: 'gsi1', limit }, IndexHit);
      return hits.map(({ gsi1sk }) => gsi1sk);
    },
    describe(sessionId, about) {
      const condition = all(exists('pk'), missing('deletedAt'));
      return table.update(sessionKey(sessionId), { set: described(about), condition }, SessionItem);
    },
    configure({ sessionId, settings: before }, about, settings) {
      const set = { ...described(about), settings, settingsRev: settings.rev };
      const condition = all(exists('pk'), missing('deletedAt'), matches('settingsRev', before?.rev));
      return table.update(sessionKey(sessionId), { set, condition }, SessionItem);
    },
    async noteBusy({ sessionId, epoch }, level) {
      const condition = all(equals('epoch', epoch), missing('deletedAt'));
      const set = { busy: level === 0 ? undefined : level };
      await table.update(sessionKey(sessionId), { set, condition }, SessionItem);
    },
    async endConnectedTime(sessionId, connectedAt) {
      const change = { set: { connectedAt: undefined }, condition: equals('connectedAt', connectedAt) };
      return (await table.update(sessionKey(sessionId), change, SessionItem)) !== undefined;
    },
    async applyReport(read, report) {
      let session: SessionItem | undefined = read;
      for (let attempt = 0; session !== undefined && attempt < MAX_TRIES; attempt += 1) {
        const verdict = judgeReport(session, report, now());
        if (verdict === 'repeat' || verdict === 'stale') return { verdict, session };
        const change = reportChange(session, report, verdict, now());
        const after = await table.update(sessionKey(session.sessionId), change, SessionItem);
        if (after !== undefined) return { verdict, session: after };
        session = await get(session.sessionId);
      }
      return { verdict: 'stale', session: session ?? read };
    },
  };
}
