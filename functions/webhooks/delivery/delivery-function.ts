import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deliverBatch } from './deliver-batch.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { type SweepResult, sweepDeliveries } from './sweep.ts';

/** The function behind the deliveries' queue; invoked by a schedule instead, it sweeps what is due. */
export function deliveryFunction(deps: DeliveryDeps) {
  return async (
    event: SQSEvent | { source: string },
    context?: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<SQSBatchResponse | SweepResult> =>
    'Records' in event
      ? await deliverBatch(
          deps,
          event,
          context === undefined ? undefined : () => context.getRemainingTimeInMillis(),
        )
      : await sweepDeliveries(deps);
}
