import { deliverMessage } from '../../functions/webhooks/delivery/deliver-message.ts';
import type { DeliveryDeps } from '../../functions/webhooks/delivery/delivery-deps.ts';
import { DeliveryMessage } from '../../functions/webhooks/delivery/delivery-message.ts';
import { createFirstOutcomes } from '../../functions/webhooks/delivery/first-outcomes.ts';
import type { Queue } from '../../shared/queue/queue.ts';

const FRESH = { isRepeat: false, isWeary: false };

/** The deliveries' queue with the function behind it, which has dealt with a message when `send` resolves. */
export function createInstantQueue(deps: () => DeliveryDeps): Queue {
  return {
    async send(messages) {
      const outcomes = createFirstOutcomes(deps().stores.deliveries);
      const run = { deps: deps(), lane: 'quick', outcomes, mayBegin: () => true } as const;
      for (const { body } of messages)
        await (await deliverMessage(run, DeliveryMessage.parse(JSON.parse(body)), FRESH)).written;
    },
  };
}
