import type { StorageFault } from './session-auth.ts';

const MESSAGE = 'The session’s storage does not answer. Sending goes on by itself once it does.';

/** Whether storage keeps up, for everybody who wants to know. */
export class StorageFaults {
  #current: StorageFault | undefined;
  readonly #listeners = new Set<(fault: StorageFault | undefined) => void>();

  get current(): StorageFault | undefined {
    return this.#current;
  }

  raise(): void {
    if (this.#current !== undefined) return;
    this.#set({ code: 'STORAGE_UNAVAILABLE', message: MESSAGE, since: new Date() });
  }

  clear(): void {
    if (this.#current !== undefined) this.#set(undefined);
  }

  listen(listener: (fault: StorageFault | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(fault: StorageFault | undefined): void {
    this.#current = fault;
    for (const listener of [...this.#listeners]) listener(fault);
  }
}
