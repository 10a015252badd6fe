import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { VersionSource } from '../../whatsapp/socket/wa-version.ts';
import type { Session } from '../session.ts';

export interface RefreshDeps {
  versions: VersionSource;
  /** How many sessions connect anew at the same time. */
  concurrency: number;
  stopped: () => boolean;
  log: Logger;
}

const SETTLE_MS = 10_000;
const JITTER_MS = 1_000;

/** Whether nobody waits for its connection: a QR that a person is about to scan is left alone. */
const isMovable = ({ status }: { status: string }) => status !== 'qr_required';

async function reconnect(session: Session, { stopped, log }: RefreshDeps): Promise<void> {
  // Sessions reconnect one after another instead of all at once.
  await delay(Math.random() * JITTER_MS);
  if (stopped() || !isMovable(session.view())) return;
  try {
    await session.reconnect();
    await session.settle(SETTLE_MS);
  } catch (fault) {
    log.warn(
      { sessionId: session.id, reason: describeFault(fault) },
      'a session did not connect with the new version',
    );
  }
}

/**
 * Asks for the version again and has sessions use it; those that were refused for theirs reconnect in any
 * case.
 */
export async function refreshVersion(sessions: readonly Session[], deps: RefreshDeps): Promise<void> {
  const { versions, concurrency, log } = deps;
  if (!versions.canRefresh) {
    log.warn(
      'the version of WhatsApp Web is set, and stays as it is: set WHATSAPP_VERSION=auto to have it looked up',
    );
    return;
  }
  const before = await versions.current();
  versions.refresh();
  const version = await versions.current();
  const isNew = String(version) !== String(before);
  const due = sessions.filter((session) => isNew || session.view().status === 'error');
  log.info({ version, isNew, sessions: due.length }, 'the version of WhatsApp Web was looked up again');
  const queue = new PQueue({ concurrency });
  await queue.addAll(due.map((session) => () => reconnect(session, deps)));
}
