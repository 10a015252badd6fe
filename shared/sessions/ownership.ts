import { all, type Condition, equals, exists, missing } from '../table/condition.ts';
import type { Change } from '../table/expression.ts';
import type { Table } from '../table/table.ts';
import type { DesiredState, SessionStatus } from './schema.ts';
import {
  isRunning,
  orderOf,
  SessionItem,
  sessionKey,
  UNPLACED_PARTITION,
  workerPartition,
} from './session-item.ts';
import { loggedOutFields } from './session-report.ts';

export interface Owner {
  workerId: string;
  endpoint: string;
  generation: number;
}

/** Fields that an assignment or its end changes; absent ones stay. */
export interface Terms {
  desired?: DesiredState;
  status?: SessionStatus;
  /** Of the account that its last owner has found linked, where no report has said so yet. */
  phoneNumber?: string | undefined;
}

/**
 * Who has a session, and what it should be. Each is one write, conditional on the session as it was read;
 * `undefined` means that someone else was faster: read it again.
 */
export interface SessionOwnership {
  /** A new epoch for this worker, which may be the one that has it already. Tombstones are assigned too. */
  assign(session: SessionItem, owner: Owner, terms?: Terms): Promise<SessionItem | undefined>;
  /**
   * A new epoch for nobody: late reports of the old owner are refused. `unplaced` lets any worker adopt it.
   */
  unassign(session: SessionItem, terms: Terms & { unplaced: boolean }): Promise<SessionItem | undefined>;
  wish(session: SessionItem, desired: DesiredState, status?: SessionStatus): Promise<SessionItem | undefined>;
  /**
   * Its owner shall let go of it, so that another can have it: written down before the owner is told. What the
   * tenant wishes stays. One that moves already is answered as it is.
   */
  beginMove(session: SessionItem, to?: string): Promise<SessionItem | undefined>;
  /** Writes down what the owner has just answered to a command. */
  settle(session: SessionItem, status: SessionStatus): Promise<SessionItem | undefined>;
  /** Gone for its tenant; the tombstone stays until it is settled, and its epoch a month longer. */
  bury(session: SessionItem): Promise<SessionItem | undefined>;
  /** Marks that the purge is confirmed. */
  settleBurial(session: SessionItem): Promise<void>;
}

const TOMBSTONE_TTL_S = 30 * 24 * 3_600;

const asRead = ({ epoch, rev }: SessionItem): Condition =>
  all(exists('pk'), equals('epoch', epoch), equals('rev', rev));

const NO_QR = { qrString: undefined, qrCode: undefined, qrExpiresAt: undefined };
/** Reports are numbered anew in each epoch. */
const NO_REPORTS = { seq: undefined, reportedAt: undefined };
const NO_OWNER = {
  workerId: undefined,
  workerEndpoint: undefined,
  workerGeneration: undefined,
  assignedAt: undefined,
};
const NOT_INDEXED = { gsi1pk: undefined, gsi1sk: undefined };

/** `now` is in milliseconds. */
export function createOwnership(table: Table, now: () => number): SessionOwnership {
  const iso = () => new Date(now()).toISOString();
  const update = (sessionId: string, change: Change) =>
    table.update(sessionKey(sessionId), change, SessionItem);
  const live = (session: SessionItem) => all(asRead(session), missing('deletedAt'));

  const termsOf = (session: SessionItem, { desired, status, phoneNumber }: Terms) => ({
    rev: session.rev + 1,
    updatedAt: iso(),
    ...(desired === undefined ? {} : { desired }),
    ...(phoneNumber === undefined ? {} : { phoneNumber }),
    ...(status === undefined ? {} : { status, error: undefined, errorCode: undefined }),
  });

  /** It is on its way to another owner where it was running, or on its way already. */
  const inMotion = ({ movingSince }: SessionItem, status: SessionStatus | undefined) => ({
    move: undefined,
    movingSince: status === 'RECONNECTING' ? (movingSince ?? iso()) : undefined,
  });

  return {
    async assign(session, { workerId, endpoint, generation }, terms = {}) {
      const epoch = session.epoch + 1;
      const assigned = await update(session.sessionId, {
        set: {
          ...termsOf(session, terms),
          epoch,
          workerId,
          workerEndpoint: endpoint,
          workerGeneration: generation,
          assignedAt: iso(),
          ...inMotion(session, terms.status ?? session.status),
          gsi1pk: workerPartition(workerId),
          gsi1sk: session.sessionId,
          ...NO_REPORTS,
          ...NO_QR,
        },
        condition: asRead(session),
      });
      if (assigned !== undefined) return assigned;
      // The SDK repeats a write that timed out: then the first try has done it.
      const found = await table.get(sessionKey(session.sessionId), SessionItem);
      return found?.epoch === epoch && found.workerId === workerId && found.workerGeneration === generation
        ? found
        : undefined;
    },
    unassign: (session, { unplaced, ...terms }) =>
      update(session.sessionId, {
        set: {
          ...termsOf(session, terms),
          epoch: session.epoch + 1,
          ...NO_OWNER,
          ...inMotion(session, terms.status ?? session.status),
          ...NO_REPORTS,
          ...NO_QR,
          ...(unplaced ? { gsi1pk: UNPLACED_PARTITION, gsi1sk: session.sessionId } : NOT_INDEXED),
        },
        condition: asRead(session),
      }),
    wish: (session, desired, status) =>
      update(session.sessionId, {
        set: termsOf(session, { desired, ...(status === undefined ? {} : { status }) }),
        condition: live(session),
      }),
    async beginMove(session, to) {
      if (orderOf(session) === 'released') return session;
      const rev = session.rev + 1;
      return await update(session.sessionId, {
        set: {
          ...termsOf(session, isRunning(session) ? { status: 'RECONNECTING' } : {}),
          move: { rev, ...(to === undefined ? {} : { to }) },
          movingSince: session.movingSince ?? iso(),
        },
        condition: all(live(session), exists('workerId')),
      });
    },
    settle: (session, status) =>
      update(session.sessionId, {
        set: {
          status,
          updatedAt: iso(),
          error: undefined,
          errorCode: undefined,
          ...NO_QR,
          ...(status === 'LOGGED_OUT' ? loggedOutFields(session) : {}),
        },
        condition: live(session),
      }),
    bury: (session) =>
      update(session.sessionId, {
        set: {
          ...termsOf(session, { desired: 'deleted', status: 'DISCONNECTED' }),
          ...{
            deletedAt: iso(),
            authFloor: session.epoch + 1,
            name: '',
            description: null,
            phoneNumber: null,
          },
          ...NO_QR,
          // Whatever was ever assigned may have left something behind.
          ...(session.workerId === undefined && session.epoch > 0
            ? { gsi1pk: UNPLACED_PARTITION, gsi1sk: session.sessionId }
            : {}),
        },
        condition: live(session),
      }),
    async settleBurial(session) {
      await update(session.sessionId, {
        set: { ...NO_OWNER, ...NOT_INDEXED, ttl: Math.floor(now() / 1000) + TOMBSTONE_TTL_S },
        condition: all(exists('deletedAt'), equals('epoch', session.epoch)),
      });
    },
  };
}
