import type { Deps } from '../../deps.ts';
import { sweepDeliveries } from '../../webhooks/delivery/sweep.ts';
import { sweepOutbox } from './sweep-outbox.ts';

/**
 * Sweeps everything that is due. A failure is logged and waits for the next call; claims expire by
 * themselves. Returns how long the oldest item had been due, in seconds.
 */
export async function sweepDue(deps: Deps): Promise<{ oldestDueS: number }> {
  const guarded = async (name: string, sweep: Promise<{ oldestDueS: number }>) => {
    try {
      return (await sweep).oldestDueS;
    } catch (error) {
      deps.log.error({ err: error, sweep: name }, 'what is due could not be looked after');
      return 0;
    }
  };
  const ages = await Promise.all([
    guarded('deliveries', sweepDeliveries(deps)),
    guarded('outbox', sweepOutbox(deps)),
  ]);
  return { oldestDueS: Math.max(...ages) };
}
