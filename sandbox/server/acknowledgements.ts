import type { Stanza } from '../wire/stanza.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import type { FaultPlan } from '../world/fault-plan.ts';

/** Sends acks of messages, or keeps them back while a fault says so. The messages go on all the same. */
export class Acknowledgements {
  readonly #faults: FaultPlan;
  readonly #held = new Map<number, (() => void)[]>();

  constructor(faults: FaultPlan) {
    this.#faults = faults;
    faults.onClear((fault) => {
      for (const release of this.#held.get(fault.id) ?? []) release();
      this.#held.delete(fault.id);
    });
  }

  send(connection: WaConnection, number: string, ack: Stanza): void {
    const fault = this.#faults.take('ack', number);
    const release = () => connection.send(ack);
    if (!fault) release();
    else if (fault.mode === 'delayed') setTimeout(release, fault.delayMs ?? 1000).unref();
    else if (fault.mode !== 'never') this.#hold(fault.id, release);
  }

  #hold(faultId: number, release: () => void): void {
    const held = this.#held.get(faultId);
    if (held) held.push(release);
    else this.#held.set(faultId, [release]);
  }
}
