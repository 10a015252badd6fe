import type { WorkerSettings } from '../../shared/sessions/settings.ts';

const DEFAULTS: WorkerSettings = { rev: 0, pacing: null, proxy: null, history: true };

/** One session's settings, as far as they have reached this worker. */
export class HeldSettings {
  #epoch = -1;
  #current = DEFAULTS;

  get current(): WorkerSettings {
    return this.#current;
  }

  /**
   * Takes settings that are newer than the current ones, because commands and heartbeat answers may cross.
   * Absent settings are the defaults. Returns whether anything was taken.
   */
  take(epoch: number, settings: WorkerSettings = DEFAULTS): boolean {
    const isNewer = epoch > this.#epoch || (epoch === this.#epoch && settings.rev > this.#current.rev);
    if (!isNewer) return false;
    this.#epoch = epoch;
    this.#current = settings;
    return true;
  }
}
