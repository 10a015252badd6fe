/** Lets callers wait until something about a session's state is true. */
export class StateWatch {
  readonly #waiting = new Set<() => void>();

  /** To be called after every change. */
  changed(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** False after `timeoutMs`. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return true;
    return new Promise((resolve) => {
      const finish = (met: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(met);
      };
      const check = () => {
        if (condition()) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#waiting.add(check);
    });
  }
}
