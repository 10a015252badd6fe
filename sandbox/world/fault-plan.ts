import type { FaultKind, FaultRequest, FaultView } from '../verbs.ts';

/** The faults that are set, each for one account or for all, for a number of times or until cleared. */
export class FaultPlan {
  readonly #faults = new Map<number, FaultView>();
  readonly #clearListeners: ((fault: FaultView) => void)[] = [];
  #nextId = 1;

  add(request: FaultRequest): FaultView {
    const fault: FaultView = { ...request, id: this.#nextId++, hits: 0, left: request.count ?? null };
    this.#faults.set(fault.id, fault);
    return fault;
  }

  /** The fault that hits now, if there is one, counted. One that is used up stays listed until cleared. */
  take(kind: FaultKind, number: string | null): FaultView | null {
    const fault = this.peek(kind, number);
    if (!fault) return null;
    fault.hits += 1;
    if (fault.left !== null) fault.left -= 1;
    return fault;
  }

  peek(kind: FaultKind, number: string | null): FaultView | null {
    for (const fault of this.#faults.values()) {
      const meant = fault.account === undefined || fault.account === number;
      if (fault.kind === kind && meant && fault.left !== 0) return fault;
    }
    return null;
  }

  list(): FaultView[] {
    return [...this.#faults.values()];
  }

  clear(filter: { kind?: FaultKind; account?: string } = {}): number {
    const gone = this.list().filter(
      (fault) =>
        (filter.kind === undefined || fault.kind === filter.kind) &&
        (filter.account === undefined || fault.account === filter.account),
    );
    for (const fault of gone) this.#faults.delete(fault.id);
    for (const fault of gone) for (const listener of this.#clearListeners) listener(fault);
    return gone.length;
  }

  onClear(listener: (fault: FaultView) => void): void {
    this.#clearListeners.push(listener);
  }
}
