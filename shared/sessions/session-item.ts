import * as z from 'zod';
import type { Assignment } from '../workers/schema.ts';
import { DesiredState, type Session, SessionStatus } from './schema.ts';
import { StoredSettings, showSettings, toWorkerSettings } from './settings.ts';

export const SessionItem = z.object({
  sessionId: z.string(),
  userId: z.string(),
  accountKey: z.string(),
  /** Its entry in the account's set of sessions. */
  slot: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: SessionStatus,
  phoneNumber: z.string().nullable(),
  lastActivity: z.iso.datetime().nullable(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** Identifies the owner: rises with every assignment, also over a deletion. */
  epoch: z.number().int(),
  workerId: z.string().optional(),
  workerEndpoint: z.string().optional(),
  /** Generation of the worker's lease at assignment: a lower one means an earlier process. */
  workerGeneration: z.number().int().optional(),
  /** Identifies the wish: rises with every change of it. */
  rev: z.number().int(),
  desired: DesiredState,
  /** Its owner is told to let go of it, under this rev and every later one of its epoch: ends with the epoch. */
  move: z.object({ rev: z.number().int(), to: z.string().optional() }).optional(),
  /** Since when it changes hands, until its next owner has said where it stands. */
  movingSince: z.iso.datetime().optional(),
  assignedAt: z.iso.datetime().optional(),
  /** How much it has had to do lately, as a level: absent where nothing. */
  busy: z.number().int().optional(),
  /** Credentials of epochs below it are void. */
  authFloor: z.number().int(),
  /** History of lower epochs belongs to a deleted session of the same name. */
  firstEpoch: z.number().int().optional(),
  /** How often another phone number was reported without a logout before it. */
  relinks: z.number().int().optional(),
  /** The last report taken: by its number, or by its time for workers that do not number. */
  seq: z.number().int().optional(),
  reportedAt: z.iso.datetime().optional(),
  qrString: z.string().optional(),
  /** Set only where the worker sent a picture and no text. */
  qrCode: z.string().optional(),
  qrExpiresAt: z.iso.datetime().optional(),
  /** Connected time since then is not counted in the usage yet. */
  connectedAt: z.iso.datetime().optional(),
  /** Absent where nobody has changed any; the proxy is stored with its credentials. */
  settings: StoredSettings.optional(),
  /** The settings' revision, for conditions. */
  settingsRev: z.number().int().optional(),
  /** Set on a tombstone, which keeps the epoch and what is left to purge. */
  deletedAt: z.iso.datetime().optional(),
});
export type SessionItem = z.infer<typeof SessionItem>;

export const sessionKey = (sessionId: string) => ({ pk: `SESSION#${sessionId}`, sk: 'SESSION' });

/** The index partition of the sessions a worker owns. */
export const workerPartition = (workerId: string) => `WORKER#${workerId}`;
/** The index partition of sessions and tombstones that wait for any worker. */
export const UNPLACED_PARTITION = 'UNPLACED';

export const IndexHit = z.object({ gsi1sk: z.string() });

/** Who waits the least patiently: first of what is placed anew. */
export const busiestFirst = (one: SessionItem, other: SessionItem) => (other.busy ?? 0) - (one.busy ?? 0);

/** Levels are far apart: a record is written only where a session has become another one. */
export function busyLevel(recentMessages: number): number {
  return recentMessages < 1 ? 0 : 1 + Math.floor(Math.log2(recentMessages) / 2);
}

/** When the worker that has it has last said so, and whether that was just now. */
export type Confirmation = Pick<Session, 'confirmedAt' | 'confirmed'>;

/** A session as its tenant sees it. */
export function toSession(item: SessionItem, confirmation: Confirmation): Session {
  const { sessionId, name, description, status, phoneNumber, lastActivity, createdAt, updatedAt } = item;
  return {
    sessionId,
    name,
    description,
    status,
    phoneNumber,
    lastActivity,
    createdAt,
    updatedAt,
    ...confirmation,
    settings: showSettings(item.settings),
    ...(item.error === undefined ? {} : { error: item.error }),
    ...(item.errorCode === undefined ? {} : { errorCode: item.errorCode }),
  };
}

/**
 * What its owner is told to make of it. A session that moves is to be let go of, whatever its tenant wishes; a
 * logout or a deletion is still carried out by whoever has it.
 */
export function orderOf({ desired, move }: Pick<SessionItem, 'desired' | 'move'>): DesiredState {
  return move === undefined || desired === 'logged_out' || desired === 'deleted' ? desired : 'released';
}

/** Comes back without a QR, and is wished to: what is taken off one worker is given to another. */
export const isRunning = (item: SessionItem): boolean =>
  item.deletedAt === undefined && item.desired === 'connected' && isLinked(item);

/** Some worker has to do something about it, without any wish for a connection. */
export const isPurge = ({ deletedAt, desired }: SessionItem): boolean =>
  deletedAt !== undefined || desired === 'logged_out';

export function toAssignment(item: SessionItem): Assignment {
  const { sessionId, userId, epoch, rev, authFloor, workerGeneration: generation } = item;
  return {
    sessionId,
    userId,
    ...(generation === undefined ? {} : { generation }),
    epoch,
    rev,
    desired: orderOf(item),
    authFloor,
    ...settingsFor(item),
  };
}

/** The settings that travel to the worker; nothing where nobody has changed any. */
export function settingsFor({ settings }: SessionItem): Pick<Assignment, 'settings'> {
  return settings === undefined ? {} : { settings: toWorkerSettings(settings) };
}

/** Tells whether the tenant's webhooks hear of this session. */
export const tellsWebhooks = ({ settings }: Pick<SessionItem, 'settings'>): boolean =>
  settings?.webhooks ?? true;

/** Credentials exist, so the session comes back without a QR. */
export function isLinked({ phoneNumber, status }: SessionItem): boolean {
  return (
    status !== 'LOGGED_OUT' && (phoneNumber !== null || status === 'CONNECTED' || status === 'RECONNECTING')
  );
}

/** Longer than any move takes where some worker has room. */
const MOVE_BOUND_MS = 120_000;

/** Whether a session changes hands just now: it will be connected again in a moment. `now` is in milliseconds. */
export function isMoving({ desired, move, movingSince, status }: SessionItem, now: number): boolean {
  if (desired !== 'connected') return false;
  if (move !== undefined) return true;
  const isUnderWay = status === 'RECONNECTING' || status === 'CONNECTING' || status === 'INITIALIZING';
  return isUnderWay && movingSince !== undefined && now - Date.parse(movingSince) < MOVE_BOUND_MS;
}

export interface LiveQr {
  qrString: string | undefined;
  qrCode: string | undefined;
  expiresAt: string;
}

/** `now` is in milliseconds. */
export function liveQr(item: SessionItem, now: number): LiveQr | undefined {
  const { status, qrString, qrCode, qrExpiresAt } = item;
  if (status !== 'QR_REQUIRED' || qrExpiresAt === undefined || Date.parse(qrExpiresAt) <= now)
    return undefined;
  if (qrString === undefined && qrCode === undefined) return undefined;
  return { qrString, qrCode, expiresAt: qrExpiresAt };
}
