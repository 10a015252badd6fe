import type { Journal } from '../../storage/journal/journal.ts';

/** A `ws` socket, as far as reading goes. */
export interface Readable {
  on(event: 'message', listener: () => void): unknown;
  pause(): void;
  resume(): void;
}

/**
 * Reads nothing more from WhatsApp while what was read cannot be kept: it waits there, and not in memory. A
 * socket that is silent for too long is replaced by Baileys, and WhatsApp delivers again.
 */
export function gateReading(transport: Readable, journal: Journal): void {
  let paused = false;
  transport.on('message', () => {
    if (paused || !journal.isFilling) return;
    paused = true;
    transport.pause();
    journal.barrier().then(
      () => {
        paused = false;
        transport.resume();
      },
      // Closed: nothing that comes now could be kept.
      () => undefined,
    );
  });
}
