import { AppError } from '../../../shared/errors/app-error.ts';
import type { OpenAuth } from '../../../worker/sessions/registry/registry-deps.ts';
import { Journal } from '../../../worker/storage/journal/journal.ts';
import { partKey } from '../../../worker/storage/journal/journal-keys.ts';
import { encodePart } from '../../../worker/storage/journal/journal-part.ts';
import { purgeAuth, readJournal } from '../../../worker/storage/journal/read-journal.ts';
import type { ObjectStore } from '../../../worker/storage/object-store.ts';
import { inTime } from '../../../worker/storage/wait-at-most.ts';
import { FrameGuard, type Transport } from '../../../worker/whatsapp/state/frame-guard.ts';
import { createOutgoingMessages } from '../../../worker/whatsapp/state/outgoing-messages.ts';
import { createHistoryOutbox, createReportOutbox } from '../../../worker/whatsapp/state/report-outbox.ts';
import { SentMessages } from '../../../worker/whatsapp/state/sent-messages.ts';
import type { Backlog, SessionAuth, SocketAuth } from '../../../worker/whatsapp/state/session-auth.ts';
import { StorageFaults } from '../../../worker/whatsapp/state/storage-faults.ts';

const CREDS = 'creds';
const DEVICE = 'device';
const READ_MS = 20_000;
const STORAGE_WAIT_MS = 10_000;
const FAULTY_WAIT_MS = 1_000;

/** The device and number that a session is linked as. */
export interface ModelCreds {
  deviceId: string;
  digits: string;
}

interface Deps {
  journal: Journal;
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  faults: StorageFaults;
}

/**
 * A session's durable state without cryptography: one device id stands for its credentials. Journal, write barrier and
 * what is kept of messages and reports are the product's own.
 */
export class ModelAuth implements SessionAuth {
  readonly reports: ReturnType<typeof createReportOutbox>;
  readonly outgoing: ReturnType<typeof createOutgoingMessages>;
  readonly history: ReturnType<typeof createHistoryOutbox>;
  readonly contacts = { learn: () => undefined, page: () => ({ contacts: [], hasMore: false }) };
  readonly #deps: Deps;
  readonly #sent: SentMessages;
  #frames: FrameGuard | undefined;
  #erasing = false;

  constructor(deps: Deps) {
    const { journal } = deps;
    this.#deps = deps;
    this.#sent = new SentMessages(journal);
    this.outgoing = createOutgoingMessages(journal, this.#sent);
    this.reports = createReportOutbox(journal);
    this.history = createHistoryOutbox(journal);
    if (this.linked) journal.activate();
  }

  get sessionId(): string {
    return this.#deps.sessionId;
  }

  get creds(): ModelCreds | undefined {
    const text = this.#deps.journal.state.get(CREDS, DEVICE);
    return text === undefined ? undefined : JSON.parse(text);
  }

  get linked(): boolean {
    return this.#deps.journal.state.has(CREDS, DEVICE);
  }

  get me() {
    const { creds } = this;
    return creds === undefined
      ? undefined
      : { id: `${creds.digits}@s.whatsapp.net`, lid: undefined, name: undefined };
  }

  get fault() {
    return this.#deps.faults.current;
  }

  get backlog(): Backlog {
    return { ...this.#deps.journal.backlog, frames: this.#frames?.waiting ?? 0 };
  }

  /** Whether a message of ours with this id was made ready, also by an earlier owner. */
  knows(messageId: string): boolean {
    return this.#sent.get(messageId) !== undefined;
  }

  /** A phone has taken this device. */
  link(creds: ModelCreds): void {
    const { journal } = this.#deps;
    journal.append(CREDS, DEVICE, JSON.stringify(creds), 'binding');
    journal.activate();
  }

  openSocket(): SocketAuth {
    throw new Error('No socket of Baileys is opened in a simulation.');
  }

  saveCreds(): void {
    throw new Error('A simulated device is linked by link().');
  }

  lidOf(): undefined {
    return undefined;
  }

  barrier(): Promise<void> {
    return this.#deps.journal.active ? this.#deps.journal.barrier() : Promise.resolve();
  }

  guardFrames(socket: { ws: unknown }, mayLeave: () => boolean): void {
    this.#frames = new FrameGuard(socket.ws as Transport, this.#deps.journal, mayLeave);
  }

  onFaultChange(listener: Parameters<SessionAuth['onFaultChange']>[0]): () => void {
    return this.#deps.faults.listen(listener);
  }

  async close(): Promise<void> {
    const { journal, faults } = this.#deps;
    try {
      await inTime(faults.current === undefined ? STORAGE_WAIT_MS : FAULTY_WAIT_MS, () => journal.close());
    } catch {
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
    journal.append(CREDS, DEVICE, undefined, 'idle');
    for (const { message } of this.outgoing.pending()) this.outgoing.settle(message.id);
    this.#sent.clear();
    const keep = this.#erasing && this.#hasLeftOvers;
    if (keep) {
      journal.activate();
      journal.requestSnapshot();
    }
    try {
      await inTime(STORAGE_WAIT_MS, (signal) => this.#erase(keep, signal));
      this.#erasing = false;
    } catch (cause) {
      throw new AppError('STORAGE_UNAVAILABLE', 'The credentials could not be deleted yet.', { cause });
    }
  }

  async #erase(keep: boolean, signal: AbortSignal): Promise<void> {
    const { journal, store, sessionId, epoch } = this.#deps;
    if (keep) await journal.barrier();
    signal.throwIfAborted();
    const except = keep && this.#hasLeftOvers ? journal.lastKey : undefined;
    await journal.deactivate();
    signal.throwIfAborted();
    await purgeAuth(store, sessionId, { upToEpoch: epoch, except, signal });
  }

  get #hasLeftOvers(): boolean {
    return this.reports.pending().length + this.history.pending().length > 0;
  }
}

/** Reads a session's state and goes on under `epoch`, as the product's `openAuth` does. */
export const openModelAuth: OpenAuth = async ({ store, sessionId, epoch, authFloor }) => {
  const read = await inTime(READ_MS, (signal) => readJournal(store, sessionId, { epoch, authFloor, signal }));
  const faults = new StorageFaults();
  const journal = new Journal({
    ...{ store, sessionId, epoch, read },
    onFault: () => faults.raise(),
    onRecovered: () => faults.clear(),
  });
  return new ModelAuth({ journal, store, sessionId, epoch, faults });
};

/** What the owner of an epoch leaves that has linked a device and nothing more. */
export async function linkedPart(sessionId: string, epoch: number, creds: ModelCreds) {
  const part = { kind: 'snapshot', epoch, from: 1, to: 1 } as const;
  const entries = [{ space: CREDS, id: DEVICE, value: JSON.stringify(creds) }];
  return { key: partKey(sessionId, part), body: await encodePart({ ...part, clean: true, entries }) };
}
