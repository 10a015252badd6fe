import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { WorkerSession } from '../../shared/worker-api/schema.ts';
import type { SessionAuth } from '../whatsapp/auth/session-auth.ts';
import { describeFault } from '../whatsapp/describe-fault.ts';
import type { ConnectionSlot } from './connection-slot.ts';
import { LAST_REPORTS_MS, type SessionDesks } from './session-desks.ts';
import type { StatusBoard } from './status-board.ts';

export interface EndLinkDeps {
  slot: ConnectionSlot;
  board: StatusBoard;
  desks: SessionDesks;
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
 * Ends the session's link, and answers where it stands then: logged out, also where WhatsApp could not be told.
 * @throws AppError STORAGE_UNAVAILABLE where storage does not let the credentials go; it is disconnected until then
 */
export async function logOut(auth: SessionAuth, deps: EndLinkDeps): Promise<WorkerSession> {
  const { board } = deps;
  const told = await board
    .discreetly(() => endLink(auth, deps))
    .catch((fault) => {
      // Nothing is kept open meanwhile; the wish stands, and is repeated until it comes true.
      if (fault instanceof AppError && fault.code === 'STORAGE_UNAVAILABLE')
        board.apply({ fact: 'closed', error: fault.message, errorCode: fault.code });
      throw fault;
    });
  board.apply({ fact: 'logged-out', ...(told ? {} : NOT_UNLINKED) }, true);
  return board.view();
}

/**
 * Takes this device off the account and erases its credentials. Answers whether WhatsApp knows.
 * @throws AppError STORAGE_UNAVAILABLE where storage does not let the credentials go
 */
async function endLink(auth: SessionAuth, deps: EndLinkDeps): Promise<boolean> {
  const { slot, desks } = deps;
  const isStuck = auth.fault !== undefined;
  const told = !isStuck && (!auth.linked || (await unlink(auth, deps)));
  await slot.end();
  if (isStuck) throw new AppError('STORAGE_UNAVAILABLE', NOT_LOGGED_OUT);
  desks.sender.giveUp();
  // What is reported need not be kept.
  await desks.queue.drain(LAST_REPORTS_MS);
  await desks.history.flush();
  await auth.eraseCredentials();
  return told;
}

/** Whether WhatsApp has confirmed that this device is gone; connects first where it has to. */
async function unlink(
  auth: SessionAuth,
  { slot, board, log, logoutTimeoutMs }: EndLinkDeps,
): Promise<boolean> {
  if (!slot.live) slot.open(auth);
  slot.hurry();
  await board.until(() => !slot.live || slot.socket !== undefined, logoutTimeoutMs);
  if (board.ended) throw new AppError('NOT_FOUND', 'This worker does not hold the session any more.');
  const { socket } = slot;
  try {
    await socket?.unlink(UNLINK_TIMEOUT_MS);
    if (socket !== undefined) return true;
  } catch (fault) {
    log.warn({ reason: describeFault(fault) }, 'WhatsApp did not confirm the logout');
  }
  // The account may have removed the device by itself.
  return board.status === 'logged_out';
}

/** Spares the phone a device that leads nowhere, where a connection stands. */
export async function unlinkInPassing({ slot, desks, log }: Omit<EndLinkDeps, 'board'>): Promise<void> {
  const { socket } = slot;
  // The barrier would hold the request back while storage is away.
  if (socket === undefined || desks.journal.auth?.fault !== undefined) return;
  try {
    await socket.unlink(UNLINK_TIMEOUT_MS);
  } catch (fault) {
    log.warn({ reason: describeFault(fault) }, 'not unlinked');
  }
}
