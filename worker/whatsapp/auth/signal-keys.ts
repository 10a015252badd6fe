import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { type EncodedKeys, readKeys, StagedKeys, writeKeys } from './signal-store.ts';

/**
 * The key store of the Signal repository. Baileys' own transactions lock by the name a caller happens to use
 * and cache what they read; here an operation is staged as a whole and committed at its end, under locks that
 * the repository takes (`signal-repository.ts`).
 */
export class SignalKeys implements SignalKeyStoreWithTransaction {
  readonly #journal: EncodedKeys;
  readonly #staged = new AsyncLocalStorage<StagedKeys>();

  constructor(journal: EncodedKeys) {
    this.#journal = journal;
  }

  /** What the running operation sees: its own changes over everybody's. */
  get current(): EncodedKeys {
    return this.#staged.getStore() ?? this.#journal;
  }

  readonly isInTransaction = (): boolean => this.#staged.getStore() !== undefined;

  get: SignalKeyStoreWithTransaction['get'] = (type, ids) => readKeys(this.current, type, ids);
  set: SignalKeyStoreWithTransaction['set'] = (data) => writeKeys(this.current, data);

  /** Leaves nothing behind where the work throws. Nested, it is an operation within the operation. */
  async stage<T>(work: () => Promise<T>): Promise<T> {
    const staged = new StagedKeys(this.current);
    const result = await this.#staged.run(staged, work);
    staged.commit();
    return result;
  }

  transaction = <T>(work: () => Promise<T>, _key: string): Promise<T> =>
    this.isInTransaction() ? work() : this.stage(work);
}
