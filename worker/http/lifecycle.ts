import type { WorkerStatus } from '../../shared/workers/schema.ts';

/** The worker's phase: its HTTP edge shows it and its heartbeats report it. */
export class Lifecycle {
  #phase: 'online' | 'draining' | 'stopping' = 'online';

  /** Keeps its sessions and takes no new ones, until the control plane has moved them. */
  drain(): void {
    if (this.#phase === 'online') this.#phase = 'draining';
  }

  /** The control plane has cancelled the drain. */
  resume(): void {
    if (this.#phase === 'draining') this.#phase = 'online';
  }

  /** Final: the process is about to end. */
  stop(): void {
    this.#phase = 'stopping';
  }

  get stopping(): boolean {
    return this.#phase === 'stopping';
  }

  get ready(): boolean {
    return this.#phase === 'online';
  }

  /** The phase in the heartbeat's words. */
  get status(): Extract<WorkerStatus, 'ONLINE' | 'DRAINING'> {
    return this.#phase === 'online' ? 'ONLINE' : 'DRAINING';
  }
}
