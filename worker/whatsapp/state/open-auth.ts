import type { Logger } from 'pino';
import { Journal } from '../../storage/journal/journal.ts';
import { readJournal } from '../../storage/journal/read-journal.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { inTime } from '../../storage/wait-at-most.ts';
import { JournalAuth } from './journal-auth.ts';
import type { SessionAuth } from './session-auth.ts';
import { StorageFaults } from './storage-faults.ts';

export interface OpenAuthOptions {
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  /** Credentials written under a lower epoch are void. */
  authFloor?: number;
  log: Logger;
  /** How long an orderly close, or an erasure, waits for storage. */
  storageWaitMs?: number;
  /** Of changes that are not durable: beyond it nothing more is decrypted. */
  mostPendingBytes?: number;
}

/** How long reading may take; a large journal over slow storage needs some seconds. */
const READ_MS = 20_000;

/**
 * Reads a session's state and goes on under `epoch`: the first write is a snapshot there, and no older epoch
 * is ever looked at again.
 * @throws JournalError where it cannot be read (nothing is overwritten then); AppError STALE_OWNER; whatever
 * the store throws
 */
export async function openAuth(options: OpenAuthOptions): Promise<SessionAuth> {
  const { store, sessionId, epoch, authFloor, log, storageWaitMs, mostPendingBytes } = options;
  const read = await inTime(READ_MS, (signal) => readJournal(store, sessionId, { epoch, authFloor, signal }));
  if (read.epoch !== undefined)
    log.info({ epoch, from: read.epoch, clean: read.clean }, 'auth state restored');
  const faults = new StorageFaults();
  const journal = new Journal({
    store,
    sessionId,
    epoch,
    read,
    ...(mostPendingBytes === undefined ? {} : { mostPendingBytes }),
    onFault: (error) => {
      if (faults.current === undefined)
        log.warn({ reason: describe(error) }, 'the session’s storage is failing');
      faults.raise();
    },
    onRecovered: () => {
      log.info('the session’s storage is back');
      faults.clear();
    },
  });
  return new JournalAuth({ journal, store, sessionId, epoch, faults, storageWaitMs });
}

const describe = (error: unknown) => (error instanceof Error ? error.name : 'unknown');
