import { deliverMessage } from '../../functions/webhooks/delivery/deliver-message.ts';
import type { DeliveryDeps } from '../../functions/webhooks/delivery/delivery-deps.ts';
import { DeliveryMessage } from '../../functions/webhooks/delivery/delivery-message.ts';
import type { Queue } from '../../shared/queue/queue.ts';

/** The deliveries' queue with the function behind it, which has dealt with a message when `send` resolves. */
export function createInstantQueue(deps: () => DeliveryDeps): Queue {
  return {
    async send(messages) {
      for (const { body } of messages)
        await deliverMessage(deps(), DeliveryMessage.parse(JSON.parse(body)), false);
    },
  };
}
