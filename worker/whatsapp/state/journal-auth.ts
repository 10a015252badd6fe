import { type AuthenticationCreds, initAuthCreds } from '@whiskeysockets/baileys';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { HistoryOutbox } from '../../storage/history/history-writer.ts';
import type { Journal } from '../../storage/journal/journal.ts';
import { purgeAuth } from '../../storage/journal/read-journal.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { inTime } from '../../storage/wait-at-most.ts';
import { type FailedMessage, PlaintextMemory, type StanzaSource } from '../signal/plaintext-memory.ts';
import { SignalKeys } from '../signal/signal-keys.ts';
import { makeGuardedRepository } from '../signal/signal-repository.ts';
import { isKeySpace, lidOfPerson, pnOfPerson } from '../signal/signal-store.ts';
import { JournalContacts } from './contact-book.ts';
import { FrameGuard, type Transport } from './frame-guard.ts';
import { isCredsSpace, readCreds, writeCreds } from './journaled-creds.ts';
import { createOutgoingMessages } from './outgoing-messages.ts';
import { gateReading, type Readable } from './read-gate.ts';
import { createHistoryOutbox, createReportOutbox } from './report-outbox.ts';
import { SecretBook } from './secret-book.ts';
import { SentMessages } from './sent-messages.ts';
import type { Backlog, OutgoingMessages, SessionAuth, SocketAuth, StorageFault } from './session-auth.ts';
import type { StorageFaults } from './storage-faults.ts';

const STORAGE_WAIT_MS = 10_000;
const FAULTY_WAIT_MS = 1_000;
const NOT_ERASED =
  'The credentials could not be deleted yet: the session’s storage does not answer. Log out again once it does.';

export interface JournalAuthDeps {
  journal: Journal;
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  /** Set by the journal's owner. */
  faults: StorageFaults;
  /** How long an orderly close, or an erasure, waits for storage. */
  storageWaitMs?: number | undefined;
}

/** A session's durable state over its journal. */
export class JournalAuth implements SessionAuth {
  readonly reports: ReturnType<typeof createReportOutbox>;
  readonly outgoing: OutgoingMessages;
  readonly history: HistoryOutbox;
  readonly contacts: JournalContacts;
  readonly secrets: SecretBook;
  readonly #deps: JournalAuthDeps;
  readonly #keys: SignalKeys;
  readonly #plaintexts: PlaintextMemory;
  readonly #sent: SentMessages;
  #creds: AuthenticationCreds;
  #frames: FrameGuard | undefined;
  /** From the first attempt to erase a link to the one that storage lets through. */
  #erasing = false;

  constructor(deps: JournalAuthDeps) {
    const { journal } = deps;
    this.#deps = deps;
    this.#creds = readCreds(journal) ?? initAuthCreds();
    this.#keys = new SignalKeys(journal);
    this.#plaintexts = new PlaintextMemory(journal);
    this.#sent = new SentMessages(journal);
    this.outgoing = createOutgoingMessages(journal, this.#sent);
    this.reports = createReportOutbox(journal);
    this.history = createHistoryOutbox(journal);
    this.secrets = new SecretBook(journal);
    this.contacts = new JournalContacts(journal, {
      lidOf: (jid) => lidOfPerson(journal, jid),
      pnOf: (lid) => pnOfPerson(journal, lid),
    });
    if (this.linked) journal.activate();
  }

  get linked(): boolean {
    // Not `me`: asking for a pairing code sets that before anybody has agreed (`socket.js`, requestPairingCode).
    return this.#creds.account !== undefined;
  }

  get me() {
    const { me } = this.#creds;
    return me === undefined ? undefined : { id: me.id, lid: me.lid, name: me.name };
  }

  lidOf(jid: string): string | undefined {
    return lidOfPerson(this.#deps.journal, jid);
  }

  pnOf(lid: string): string | undefined {
    return pnOfPerson(this.#deps.journal, lid);
  }

  get fault(): StorageFault | undefined {
    return this.#deps.faults.current;
  }

  get backlog(): Backlog {
    return { ...this.#deps.journal.backlog, frames: this.#frames?.waiting ?? 0 };
  }

  openSocket(): SocketAuth {
    const { journal } = this.#deps;
    if (!this.linked) this.#startOver();
    return {
      auth: { creds: this.#creds, keys: this.#keys.store },
      makeSignalRepository: makeGuardedRepository({
        keys: this.#keys,
        plaintexts: this.#plaintexts,
        ensureRoom: () => journal.ensureRoom(),
        whenRoom: async () => {
          await this.reports.whenRoom();
          await this.#plaintexts.whenRoom(() => this.barrier());
          await journal.whenRoom();
        },
      }),
      getMessage: async ({ id }) => (id ? this.#sent.get(id) : undefined),
      sentAt: (id) => this.#sent.at(id),
    };
  }

  saveCreds(update: Partial<AuthenticationCreds>): void {
    const { journal } = this.#deps;
    // The socket holds this very object, and `linked` is asked of it.
    Object.assign(this.#creds, update);
    if (!this.linked) return;
    writeCreds(journal, this.#creds);
    // The first write of a link is a snapshot, pre-keys and all.
    journal.activate();
  }

  barrier(): Promise<void> {
    return this.#deps.journal.active ? this.#deps.journal.barrier() : Promise.resolve();
  }

  guardFrames(socket: { ws: unknown }, mayLeave: () => boolean): void {
    // Baileys binds its client's `send` before anybody can wrap it (`socket.js`, sendPromise), so the guard
    // sits one step further out, on the transport that the client holds.
    const transport = (socket.ws as { socket?: (Transport & Readable) | null }).socket;
    if (!transport) throw new Error('The WhatsApp client has no transport to guard.');
    this.#frames = new FrameGuard(transport, this.#deps.journal, mayLeave);
    gateReading(transport, this.#deps.journal);
    this.#plaintexts.follow(socket.ws as StanzaSource);
  }

  onUndecryptable(listener: (failure: FailedMessage) => void): () => void {
    return this.#plaintexts.onFailure(listener);
  }

  onFaultChange(listener: (fault: StorageFault | undefined) => void): () => void {
    return this.#deps.faults.listen(listener);
  }

  async close(): Promise<void> {
    const { journal, faults } = this.#deps;
    // Storage that is known to be away gets a moment only: many sessions may have to close.
    const waitMs =
      faults.current === undefined ? this.#storageWaitMs : Math.min(this.#storageWaitMs, FAULTY_WAIT_MS);
    try {
      await inTime(waitMs, () => journal.close());
    } catch {
      // Nothing has left that is not durable, so the next owner misses nothing that anybody has seen.
      faults.raise();
    } finally {
      journal.stop();
    }
  }

  abandon(): void {
    this.#deps.journal.stop();
  }

  async eraseCredentials(): Promise<void> {
    const { journal } = this.#deps;
    this.#erasing ||= journal.active;
    this.#startOver();
    this.#plaintexts.clear();
    for (const { message } of this.outgoing.pending()) this.outgoing.settle(message.id);
    this.#sent.clear();
    this.contacts.clear();
    this.secrets.clear();
    // What happened and is not reported or written down yet is no secret of the link: it stays for the next owner.
    const keep = this.#erasing && this.#hasLeftOvers;
    if (keep) {
      // An attempt that storage broke off has put the journal to rest, with the credentials in its last object.
      journal.activate();
      journal.requestSnapshot();
    }
    try {
      await inTime(this.#storageWaitMs, (signal) => this.#erase(keep, signal));
      this.#erasing = false;
    } catch (cause) {
      throw new AppError('STORAGE_UNAVAILABLE', NOT_ERASED, { cause });
    }
  }

  async #erase(keep: boolean, signal: AbortSignal): Promise<void> {
    const { journal, store, sessionId, epoch } = this.#deps;
    if (keep) await journal.barrier();
    // Another attempt may have begun, which counts on the journal.
    signal.throwIfAborted();
    const except = keep && this.#hasLeftOvers ? journal.lastKey : undefined;
    await journal.deactivate();
    signal.throwIfAborted();
    await purgeAuth(store, sessionId, { upToEpoch: epoch, except, signal });
  }

  get #hasLeftOvers(): boolean {
    return this.reports.pending().length + this.history.pending().length > 0;
  }

  get #storageWaitMs(): number {
    return this.#deps.storageWaitMs ?? STORAGE_WAIT_MS;
  }

  /** A linking attempt that was given up leaves nothing to the next: it would log in with it and get 401. */
  #startOver(): void {
    const { journal } = this.#deps;
    this.#creds = initAuthCreds();
    for (const space of [...journal.state.spaces()])
      if (isCredsSpace(space) || isKeySpace(space))
        for (const [id] of [...journal.state.entriesOf(space)]) journal.append(space, id, undefined, 'idle');
  }
}
