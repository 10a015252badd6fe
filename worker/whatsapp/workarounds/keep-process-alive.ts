import type { Logger } from 'pino';
import { describeFault } from '../socket/describe-fault.ts';

let kept = false;

/**
 * Baileys leaves some promises to themselves (timers, `void` calls); one that rejects must not end the process
 * and with it every other tenant's session.
 */
export function keepProcessAlive(log: Logger): void {
  if (kept) return;
  kept = true;
  process.on('unhandledRejection', (fault) => {
    log.error({ reason: describeFault(fault) }, 'a promise was rejected and nobody was waiting for it');
  });
}
