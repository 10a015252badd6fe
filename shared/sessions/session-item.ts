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

/** A session as its tenant sees it. */
export function toSession(item: SessionItem): Session {
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
export const tellsWebhooks = ({ settings }: SessionItem): boolean => settings?.webhooks ?? true;

/** Credentials exist, so the session comes back without a QR. */
export function isLinked({ phoneNumber, status }: SessionItem): boolean {
  return (
    status !== 'LOGGED_OUT' && (phoneNumber !== null || status === 'CONNECTED' || status === 'RECONNECTING')
  );
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
