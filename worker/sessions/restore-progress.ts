import type { Logger } from 'pino';
import type { RecoveryResult } from './ports.ts';

/** Fewer are restored before anybody looks. */
const MANY = 10;
const STEPS = 10;

/** Counts sessions as they are restored: a line at each tenth where there are many, none where there are few. */
export function trackRestore(total: number, log: Logger): (status: RecoveryResult['status']) => void {
  let done = 0;
  let failed = 0;
  const tenths = () => Math.floor((done * STEPS) / total);
  return (status) => {
    const before = tenths();
    done += 1;
    if (status === 'failed') failed += 1;
    if (total >= MANY && tenths() > before) log.info({ done, total, failed }, 'restoring sessions');
  };
}
