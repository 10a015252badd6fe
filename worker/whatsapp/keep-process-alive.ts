import type { Logger } from 'pino';
import { describeFault } from './describe-fault.ts';

/**
 * Baileys leaves some promises to themselves (timers, `void` calls); one that rejects must not end the process
 * and with it every other tenant's session. Answers the function that stops this.
 */
export function keepProcessAlive(log: Logger): () => void {
  const onRejection = (fault: unknown) => {
    log.error({ reason: describeFault(fault) }, 'a promise was rejected and nobody was waiting for it');
  };
  process.on('unhandledRejection', onRejection);
  return () => {
    process.off('unhandledRejection', onRejection);
  };
}
