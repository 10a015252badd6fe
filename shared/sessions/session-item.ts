import * as z from 'zod';
import type { Assignment } from '../workers/schema.ts';
import { DesiredState, type Session, SessionStatus } from './schema.ts';
import { StoredSettings, showSettings, toWorkerSettings } from './settings.ts';

export const SessionItem = z.object({
  sessionId: z.string(),
  userId: z.string(),
  accountKey: z.string(),
  /** The entry it holds in its account's set. */
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
  /** Who: rises with every assignment, also over deletion. */
  epoch: z.number().int(),
  workerId: z.string().optional(),
  workerEndpoint: z.string().optional(),
  /** Of the worker's lease when it was assigned: an older one means another process. */
  workerGeneration: z.number().int().optional(),
  /** What: rises with every wish. */
  rev: z.number().int(),
  desired: DesiredState,
  /** Credentials of epochs below it are void. */
  authFloor: z.number().int(),
  /** History of epochs below it was a deleted session's of the same name. */
  firstEpoch: z.number().int().optional(),
  /** How often another phone number was reported without a logout before it. */
  relinks: z.number().int().optional(),
  /** The last report taken, by its number or, for workers that do not number, by its time. */
  seq: z.number().int().optional(),
  reportedAt: z.iso.datetime().optional(),
  qrString: z.string().optional(),
  /** Only where the worker sent a picture and no text. */
  qrCode: z.string().optional(),
  qrExpiresAt: z.iso.datetime().optional(),
  /** Since when its connected time is not in the counts of usage yet. */
  connectedAt: z.iso.datetime().optional(),
  /** Absent where nobody has ever changed any; the proxy stands here with its credentials. */
  settings: StoredSettings.optional(),
  /** Of the settings, for conditions. */
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

export function toAssignment(item: SessionItem): Assignment {
  const { sessionId, userId, epoch, rev, desired, authFloor } = item;
  return { sessionId, userId, epoch, rev, desired, authFloor, ...settingsFor(item) };
}

/** What travels to the worker; nothing where nobody has ever changed a setting. */
export function settingsFor({ settings }: SessionItem): Pick<Assignment, 'settings'> {
  return settings === undefined ? {} : { settings: toWorkerSettings(settings) };
}

/** Whether its tenant's webhooks hear of it. */
export const tellsWebhooks = ({ settings }: Pick<SessionItem, 'settings'>): boolean =>
  settings?.webhooks ?? true;

/** There are credentials somewhere: the session comes back without a QR. */
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
