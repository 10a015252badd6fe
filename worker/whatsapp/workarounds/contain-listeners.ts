import type { EventEmitter } from 'node:events';

/**
 * Baileys' stanza handlers are async functions on an EventEmitter: what they reject with reaches nobody and
 * ends the process. Each is wrapped so that a fault stays with its own session.
 */
export function containListeners(
  emitter: EventEmitter,
  onFault: (fault: unknown, event: string) => void,
): void {
  for (const name of emitter.eventNames()) {
    const listeners = emitter.rawListeners(name);
    emitter.removeAllListeners(name);
    for (const listener of listeners) {
      emitter.on(name, function contained(this: unknown, ...args: unknown[]) {
        const report = (fault: unknown) => onFault(fault, String(name));
        try {
          const outcome: unknown = Reflect.apply(listener, this, args);
          if (outcome instanceof Promise) outcome.catch(report);
          return outcome;
        } catch (fault) {
          report(fault);
          return undefined;
        }
      });
    }
  }
}

/** A listener of ours that may fail without disturbing Baileys, which called it. */
export function guarded<Args extends unknown[]>(
  listener: (...args: Args) => void,
  onFault: (fault: unknown) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch (fault) {
      onFault(fault);
    }
  };
}
