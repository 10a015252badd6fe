import type { Logger } from 'pino';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { CurrentStatus } from '../current-status.ts';
import { LAST_REPORTS_MS, type SessionTraffic } from '../session-traffic.ts';
import type { CurrentConnection } from './current-connection.ts';

export interface EndLinkDeps {
  currentConnection: CurrentConnection;
  currentStatus: CurrentStatus;
  traffic: SessionTraffic;
  log: Logger;
  /** How long a logout tries to reach WhatsApp. */
  logoutTimeoutMs: number;
}

const UNLINK_TIMEOUT_MS = 8_000;
const NOT_LOGGED_OUT =
  'The session’s storage does not answer, so it could not be logged out yet. That happens as soon as storage is back.';

const NOT_UNLINKED = {
  error:
    'WhatsApp could not be told of the logout: the phone may list this device until it is removed there.',
  errorCode: 'DEVICE_MAY_REMAIN_LISTED',
};

/**
 * Ends the session's link and returns its status: logged out, even where WhatsApp could not be told.
 * @throws AppError STORAGE_UNAVAILABLE where the credentials cannot be erased; the session is disconnected
 * until then
 */
export async function logOut(auth: SessionAuth, deps: EndLinkDeps): Promise<WorkerSession> {
  const { currentStatus } = deps;
  const told = await currentStatus
    .discreetly(() => endLink(auth, deps))
    .catch((fault) => {
      // Nothing is kept open meanwhile; the wish remains, and is repeated until it is carried out.
      if (fault instanceof AppError && fault.code === 'STORAGE_UNAVAILABLE')
        currentStatus.apply({ fact: 'closed', error: fault.message, errorCode: fault.code });
      throw fault;
    });
  currentStatus.apply({ fact: 'logged-out', ...(told ? {} : NOT_UNLINKED) }, true);
  return currentStatus.view();
}

/**
 * Removes this device from the account and erases its credentials. Returns whether WhatsApp has confirmed.
 * @throws AppError STORAGE_UNAVAILABLE where the credentials cannot be erased
 */
async function endLink(auth: SessionAuth, deps: EndLinkDeps): Promise<boolean> {
  const { currentConnection, traffic } = deps;
  const isStuck = auth.fault !== undefined;
  const told = !isStuck && (!auth.linked || (await unlink(auth, deps)));
  await currentConnection.end();
  if (isStuck) throw new AppError('STORAGE_UNAVAILABLE', NOT_LOGGED_OUT);
  traffic.sender.giveUp();
  // Delivered reports need not be kept.
  await traffic.queue.drain(LAST_REPORTS_MS);
  await traffic.history.flush();
  await auth.eraseCredentials();
  return told;
}

/** Tells whether WhatsApp has confirmed that this device is gone; connects first where needed. */
async function unlink(
  auth: SessionAuth,
  { currentConnection, currentStatus, log, logoutTimeoutMs }: EndLinkDeps,
): Promise<boolean> {
  if (!currentConnection.live) currentConnection.open(auth);
  currentConnection.hurry();
  await currentStatus.until(
    () => !currentConnection.live || currentConnection.socket !== undefined,
    logoutTimeoutMs,
  );
  if (currentStatus.ended) throw new AppError('NOT_FOUND', 'This worker does not hold the session any more.');
  const { socket } = currentConnection;
  try {
    await socket?.unlink(UNLINK_TIMEOUT_MS);
    if (socket !== undefined) return true;
  } catch (fault) {
    log.warn({ reason: describeFault(fault) }, 'WhatsApp did not confirm the logout');
  }
  // The account may have removed the device itself.
  return currentStatus.status === 'logged_out';
}

/** Removes a device that leads nowhere from the phone's list, where a connection exists. */
export async function unlinkInPassing({
  currentConnection,
  traffic,
  log,
}: Omit<EndLinkDeps, 'board'>): Promise<void> {
  const { socket } = currentConnection;
  // While storage is away, the write barrier would hold the request back.
  if (socket === undefined || traffic.journal.auth?.fault !== undefined) return;
  try {
    await socket.unlink(UNLINK_TIMEOUT_MS);
  } catch (fault) {
    log.warn({ reason: describeFault(fault) }, 'not unlinked');
  }
}
