import { randomUUID } from 'node:crypto';
import type { Deps } from '../../functions/deps.ts';
import { outboxFunction } from '../../functions/messages/outbox/outbox-function.ts';
import { sweepDue } from '../../functions/messages/outbox/sweep-due.ts';
import { deliveryFunction } from '../../functions/webhooks/delivery/delivery-function.ts';
import { superviseWorkers } from '../../functions/workers/supervision/supervise-workers.ts';
import type { LocalQueues } from '../services/start-queues.ts';
import { consumeQueue } from './consume-queue.ts';
import { runSchedule, type Schedule } from './run-schedule.ts';

/** As often as the supervisor looks on AWS, where each call of a minute loops. */
const INTERVAL_MS = 5000;

/** What runs without a request: the consumers of the queues, and the schedules. */
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
  const running = [
    consumeQueue({
      client: queues.client,
      queueUrl: queues.deliveriesUrl,
      invoke: async (event) => {
        const answer = await deliver(event);
        return 'batchItemFailures' in answer ? answer : { batchItemFailures: [] };
      },
      onError: onError('the deliveries’ queue'),
    }),
    consumeQueue({
      client: queues.client,
      queueUrl: queues.outboxUrl,
      invoke: async (event) => {
        const answer = await drain(event);
        return 'batchItemFailures' in answer ? answer : { batchItemFailures: [] };
      },
      onError: onError('the outbox’s queue'),
    }),
    ...schedules.map((schedule) => runSchedule(schedule, onError(`the ${schedule.name}`))),
  ];
  return {
    stop: async () => {
      await Promise.all(running.map((each) => each.stop()));
    },
  };
}
