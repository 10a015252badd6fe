import { randomUUID } from 'node:crypto';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Deps } from '../../functions/deps.ts';
import { outboxFunction } from '../../functions/messages/outbox/outbox-function.ts';
import { sweepDue } from '../../functions/messages/outbox/sweep-due.ts';
import { deliveryFunction } from '../../functions/webhooks/delivery/delivery-function.ts';
import { superviseWorkers } from '../../functions/workers/supervision/supervise-workers.ts';
import type { LocalQueues } from '../services/start-queues.ts';
import { consumeQueue } from './consume-queue.ts';
import { runSchedule, type Schedule } from './run-schedule.ts';

/** What a stage of AWS has in its settings: batches of each queue at the same time. */
const CONSUMERS = { deliveries: 32, slowDeliveries: 32, outbox: 8 };

/** As often as the supervisor looks on AWS, which is called each minute and then loops. */
const INTERVAL_MS = 5000;

type QueueFunction = (
  event: SQSEvent,
  context: { getRemainingTimeInMillis(): number },
) => Promise<SQSBatchResponse | object>;

/** What runs without being asked: the consumers of queues, and what schedules call. */
export function startBackground(deps: Deps, queues: LocalQueues): { stop(): Promise<void> } {
  const deliver = deliveryFunction(deps);
  const drain = outboxFunction(deps);
  const onError = (what: string) => (thrown: unknown) => deps.log.error({ err: thrown }, `${what} failed`);
  const schedules: Schedule[] = [
    { name: 'sweep of what is due', everyMs: INTERVAL_MS, run: () => sweepDue(deps) },
    {
      name: 'look at all workers',
      everyMs: INTERVAL_MS,
      run: () => superviseWorkers(deps, { requestId: randomUUID() }),
    },
  ];
  const consume = (name: keyof typeof CONSUMERS, queueUrl: string, handle: QueueFunction) =>
    consumeQueue({
      client: queues.client,
      queueUrl,
      consumers: CONSUMERS[name],
      invoke: async (event, remainingMs) => {
        const answer = await handle(event, { getRemainingTimeInMillis: remainingMs });
        return 'batchItemFailures' in answer ? answer : { batchItemFailures: [] };
      },
      onError: onError(`the consumer of ${name}`),
    });
  const running = [
    consume('deliveries', queues.deliveriesUrl, deliver),
    consume('slowDeliveries', queues.slowDeliveriesUrl, deliver),
    consume('outbox', queues.outboxUrl, drain),
    ...schedules.map((schedule) => runSchedule(schedule, onError(`the ${schedule.name}`))),
  ];
  return {
    stop: async () => {
      await Promise.all(running.map((each) => each.stop()));
    },
  };
}
