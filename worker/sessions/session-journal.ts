import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { QueuedReport } from '../report.ts';
import { JournalError } from '../storage/journal/journal-error.ts';
import { describeFault } from '../whatsapp/socket/describe-fault.ts';
import type { SessionAuth, UnsettledMessage } from '../whatsapp/state/session-auth.ts';
import type { SessionDeps } from './registry/registry-deps.ts';

export interface SessionJournalDeps extends Pick<SessionDeps, 'store' | 'openAuth'> {
  sessionId: string;
  log: Logger;
  /** A report that an earlier owner could not deliver. */
  onLeftOver: (report: QueuedReport) => void;
  /** A message that an earlier owner was sending. */
  onUnsettled: (unsettled: UnsettledMessage) => void;
  /** Called before any of these is told of. */
  onOpened: (auth: SessionAuth) => void;
  /** The journal cannot be opened: why, in words for the session's owner. */
  onTrouble: (error: string, errorCode: string) => void;
}

/** A session's durable state while this worker has it open, under one epoch at a time. */
export class SessionJournal {
  readonly #deps: SessionJournalDeps;
  #auth: SessionAuth | undefined;
  #authFloor = 0;
  #abandoned = false;

  constructor(deps: SessionJournalDeps) {
    this.#deps = deps;
  }

  /** Undefined while it is closed. */
  get auth(): SessionAuth | undefined {
    return this.#auth;
  }

  /** Credentials written under a lower epoch are void from here on. */
  raiseAuthFloor(epoch: number | undefined): void {
    this.#authFloor = Math.max(this.#authFloor, epoch ?? 0);
  }

  /** @throws AppError STORAGE_UNAVAILABLE, STALE_OWNER; CONFLICT where what is stored cannot be read */
  async open(epoch: number): Promise<SessionAuth> {
    if (this.#auth !== undefined) return this.#auth;
    const { store, openAuth, sessionId, log } = this.#deps;
    const auth = await openAuth({ store, sessionId, epoch, authFloor: this.#authFloor, log }).catch(
      (fault: unknown) => {
        throw this.#toTrouble(fault);
      },
    );
    if (this.#abandoned) {
      auth.abandon();
      throw new AppError('SHUTTING_DOWN', 'This worker has let go of the session.');
    }
    this.#auth = auth;
    this.#takeOver(auth);
    return auth;
  }

  /** Flushes, so that the next owner or epoch continues from here. */
  async close(): Promise<void> {
    const auth = this.#auth;
    this.#auth = undefined;
    await auth?.close();
  }

  /** Writes nothing more. */
  abandon(): void {
    this.#abandoned = true;
    this.#auth?.abandon();
    this.#auth = undefined;
  }

  #toTrouble(fault: unknown): AppError {
    const { log, onTrouble } = this.#deps;
    if (fault instanceof JournalError) {
      // A person has to look at it: trying again does not help.
      const error = `What is stored of this session cannot be read: ${fault.message} Nothing was overwritten.`;
      log.error({ errorCode: fault.code, reason: fault.message }, 'the auth journal cannot be read');
      onTrouble(error, fault.code);
      return new AppError('CONFLICT', error, { cause: fault });
    }
    const trouble = fault instanceof AppError ? fault : unreadable(fault);
    if (trouble !== fault)
      log.warn({ reason: describeFault(fault) }, 'the session’s state could not be read');
    if (trouble.code === 'STORAGE_UNAVAILABLE') onTrouble(trouble.message, trouble.code);
    return trouble;
  }

  /** An earlier owner's status reports are outdated; its other reports are not. */
  #takeOver(auth: SessionAuth): void {
    this.#deps.onOpened(auth);
    for (const left of [...auth.reports.pending()]) {
      if (left.report.kind === 'session-status') auth.reports.settle([left.id]);
      else this.#deps.onLeftOver(left);
    }
    for (const unsettled of auth.outgoing.pending()) this.#deps.onUnsettled(unsettled);
  }
}

const unreadable = (cause: unknown) =>
  new AppError(
    'STORAGE_UNAVAILABLE',
    'The session’s state cannot be read at the moment. Try again in a while.',
    { cause },
  );
