import type {
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStore,
  SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys';
import type { Journal } from '../../storage/journal/journal.ts';
import { journalKeys, readKeys, StagedKeys, writeKeys } from './signal-store.ts';
import type { EncodedKeys } from './value-codec.ts';

/** What an operation of the repository reads and then writes: nobody else may write these meanwhile. */
const RATCHETS = new Set(['session', 'sender-key', 'identity-key', 'lid-mapping']);

/**
 * A session's Signal state: one operation at a time, each staged as a whole and committed at its end.
 *
 * One lock for the whole session rather than one per person: nothing under it waits for a network or a disk,
 * so it costs no time, and it holds for every name a person has (phone number, LID), for migrations between
 * them, deletions and sender keys alike. The stage is a field and not an `AsyncLocalStorage`: libsignal-node
 * queues jobs by address for the whole process (`queue_job.js`) and runs them in the asynchronous context of
 * whichever session came first.
 */
export class SignalKeys {
  readonly #committed: EncodedKeys;
  readonly #received: EncodedKeys;
  #tail: Promise<unknown> = Promise.resolve();
  #stage: StagedKeys | undefined;

  constructor(journal: Journal) {
    this.#committed = journalKeys(journal, 'binding');
    this.#received = journalKeys(journal, 'received');
  }

  /** The state that the running operation sees. Only for use within `exclusive`. */
  get staged(): EncodedKeys {
    if (this.#stage === undefined) throw new Error('Signal state is changed within an operation only');
    return this.#stage;
  }

  /** Runs when all that came before is done. Leaves nothing behind where the work throws. */
  exclusive<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#queue(this.#committed, work);
  }

  /** Likewise, for what a message that arrived changes: only its receipt waits for it. */
  receiving<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#queue(this.#received, work);
  }

  #queue<T>(target: EncodedKeys, work: () => Promise<T> | T): Promise<T> {
    const result = this.#tail.then(() => this.#within(new StagedKeys(target), work));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** An attempt within an operation: what it changed is kept only where it succeeds. */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    return await this.#within(new StagedKeys(this.staged), work);
  }

  async #within<T>(stage: StagedKeys, work: () => Promise<T> | T): Promise<T> {
    const outer = this.#stage;
    this.#stage = stage;
    try {
      const result = await work();
      stage.commit();
      return result;
    } finally {
      this.#stage = outer;
    }
  }

  /** For the repository that works within operations. */
  get inner(): SignalKeyStoreWithTransaction {
    return {
      get: (type, ids) => readKeys(this.staged, type, ids),
      set: (data) => writeKeys(this.staged, data),
      isInTransaction: () => true,
      transaction: (work) => work(),
    };
  }

  /** For everybody else: reads what is committed; ratchets are written between operations. */
  get outer(): SignalKeyStoreWithTransaction {
    return { ...this.store, isInTransaction: () => false, transaction: (work) => work() };
  }

  /** What Baileys gets as its key store. */
  get store(): SignalKeyStore {
    return {
      get: <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) =>
        readKeys(this.#committed, type, ids),
      set: (data) => this.#write(data),
    };
  }

  async #write(data: SignalDataSet): Promise<void> {
    const types = Object.keys(data);
    if (!types.some((type) => RATCHETS.has(type))) return writeKeys(this.#committed, data);
    await this.exclusive(() => writeKeys(this.staged, data));
  }
}
