import { type AuthenticationCreds, initAuthCreds, proto, type WAMessageKey } from '@whiskeysockets/baileys';
import type { QueuedReport } from '../../sessions/ports.ts';
import type { Journal } from '../../storage/journal/journal.ts';
import { purgeAuth } from '../../storage/journal/purge-auth.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { guardFrames } from './frame-guard.ts';
import { KeyedLocks } from './keyed-locks.ts';
import { PlaintextMemory, take } from './plaintext-memory.ts';
import type { ReportOutbox, SessionAuth, SocketAuth, StorageFault } from './session-auth.ts';
import { SignalKeys } from './signal-keys.ts';
import { makeGuardedRepository } from './signal-repository.ts';
import { directStore, isKeySpace, journalKeys } from './signal-store.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

const CREDS = 'creds';
const SENT = 'sent';
const REPORTS = 'report';
/** Retry receipts ask for recent messages; WhatsApp gives up on older ones. */
const MOST_SENT = 512;

export interface JournalAuthDeps {
  journal: Journal;
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  /** Set by the journal's owner. */
  faults: FaultBoard;
}

/** Whether storage keeps up, for everybody who wants to know. */
export class FaultBoard {
  #current: StorageFault | undefined;
  readonly #listeners = new Set<(fault: StorageFault | undefined) => void>();

  get current(): StorageFault | undefined {
    return this.#current;
  }

  raise(): void {
    this.#set(
      this.#current ?? {
        code: 'STORAGE_UNAVAILABLE',
        message: 'The session’s storage does not answer. Sending goes on by itself once it does.',
        since: new Date(),
      },
    );
  }

  clear(): void {
    this.#set(undefined);
  }

  listen(listener: (fault: StorageFault | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(fault: StorageFault | undefined): void {
    if (fault === this.#current) return;
    this.#current = fault;
    for (const listener of this.#listeners) listener(fault);
  }
}

/** A session's durable state over its journal. */
export class JournalAuth implements SessionAuth {
  readonly reports: ReportOutbox;
  readonly #deps: JournalAuthDeps;
  #creds: AuthenticationCreds;

  constructor(deps: JournalAuthDeps) {
    this.#deps = deps;
    this.#creds = readCreds(deps.journal) ?? initAuthCreds();
    this.reports = createOutbox(deps.journal);
    if (this.linked) deps.journal.activate();
  }

  get linked(): boolean {
    return this.#creds.account !== undefined;
  }

  get me() {
    const { me } = this.#creds;
    return me === undefined ? undefined : { id: me.id, lid: me.lid, name: me.name };
  }

  get fault(): StorageFault | undefined {
    return this.#deps.faults.current;
  }

  openSocket(): SocketAuth {
    const { journal } = this.#deps;
    if (!this.linked) this.#startOver();
    const encoded = journalKeys(journal);
    const signal = {
      keys: new SignalKeys(encoded),
      locks: new KeyedLocks(),
      plaintexts: new PlaintextMemory(journal),
    };
    return {
      auth: { creds: this.#creds, keys: directStore(encoded) },
      makeSignalRepository: makeGuardedRepository(signal),
      getMessage: async ({ id }) => {
        const text = journal.state.get(SENT, id ?? '');
        return text === undefined ? undefined : proto.Message.decode(Buffer.from(text, 'base64'));
      },
    };
  }

  saveCreds(update: Partial<AuthenticationCreds>): void {
    Object.assign(this.#creds, update);
    if (!this.linked) return;
    this.#deps.journal.append(CREDS, CREDS, encodeValue(this.#creds), 'binding');
    // The first write of a link is a snapshot, pre-keys and all.
    this.#deps.journal.activate();
  }

  barrier(): Promise<void> {
    return this.#deps.journal.active ? this.#deps.journal.barrier() : Promise.resolve();
  }

  guardFrames(socket: { ws: unknown }, mayLeave: () => boolean): void {
    const { socket: transport } = socket.ws as { socket: Parameters<typeof guardFrames>[0] };
    guardFrames(transport, this.#deps.journal, mayLeave);
  }

  rememberSent({ id }: WAMessageKey, message: proto.IMessage): void {
    const { journal } = this.#deps;
    if (!id) return;
    journal.ensureRoom();
    const bytes = proto.Message.encode(proto.Message.fromObject(message)).finish();
    journal.append(SENT, id, Buffer.from(bytes).toString('base64'), 'binding');
    const surplus = journal.state.size(SENT) - MOST_SENT;
    for (const [oldest] of [...take(journal.state.entriesOf(SENT), surplus)])
      journal.append(SENT, oldest, undefined, 'idle');
  }

  onFaultChange(listener: (fault: StorageFault | undefined) => void): () => void {
    return this.#deps.faults.listen(listener);
  }

  close(): Promise<void> {
    return this.#deps.journal.close();
  }

  abandon(): void {
    this.#deps.journal.stop();
  }

  async eraseCredentials(): Promise<void> {
    const { journal, store, sessionId, epoch } = this.#deps;
    await journal.deactivate();
    this.#startOver();
    for (const space of [CREDS, SENT, 'plaintext']) clearSpace(journal, space);
    await purgeAuth(store, sessionId, { upToEpoch: epoch });
  }

  /** A linking attempt that was given up leaves nothing to the next: it would log in with it and get 401. */
  #startOver(): void {
    const { journal } = this.#deps;
    this.#creds = initAuthCreds();
    for (const space of [...journal.state.spaces()]) if (isKeySpace(space)) clearSpace(journal, space);
  }
}

function clearSpace(journal: Journal, space: string): void {
  for (const [id] of [...journal.state.entriesOf(space)]) journal.append(space, id, undefined, 'idle');
}

function readCreds(journal: Journal): AuthenticationCreds | undefined {
  const text = journal.state.get(CREDS, CREDS);
  return text === undefined ? undefined : (decodeValue(text) as AuthenticationCreds);
}

function createOutbox(journal: Journal): ReportOutbox {
  return {
    append: (queued) => journal.append(REPORTS, queued.id, JSON.stringify(queued), urgencyOf(queued)),
    pending: () => [...journal.state.entriesOf(REPORTS)].map(([, text]) => JSON.parse(text) as QueuedReport),
    settle: (ids) => {
      for (const id of ids) journal.append(REPORTS, id, undefined, 'idle');
    },
  };
}

/**
 * What arrived is reported by us or by nobody: it is durable before its receipt leaves. What else is told
 * can be seen again (a status) or follows from the outcome of a call.
 */
function urgencyOf({ report }: QueuedReport) {
  if (report.kind === 'session-status') return 'idle';
  if (report.kind === 'event' && report.body.event === 'message_sent') return 'soon';
  return 'binding';
}
