import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import type { SupervisorEnvironment } from '../../functions/workers/supervision/env.ts';
import { ControlPlaneFunction, type Surroundings } from '../constructs/control-plane-functions.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { StageSettings } from '../stages.ts';

/** How many queue consumers may run at once: they call tenants' servers and our workers. */
const MAX_CONSUMERS = 50;

function supervisorEnvironment({ supervisor, workers }: StageSettings): SupervisorEnvironment {
  return {
    SUPERVISOR_LOOP_S: String(supervisor.loopS),
    SUPERVISOR_TARGET_SLOT_USE: String(workers.targetSlotUse),
    SUPERVISOR_MIN_WORKERS: String(workers.minTasks),
  };
}

/** What runs without a request: the supervisor each minute, and the consumers of the queues. */
export class BackgroundStack extends Stack {
  readonly supervisor: ControlPlaneFunction;
  readonly delivery: ControlPlaneFunction;
  readonly outbox: ControlPlaneFunction;

  constructor(scope: Construct, id: string, props: StackProps & Surroundings) {
    super(scope, id, props);
    const { data, settings, network, channel } = props;
    const surroundings = { settings, data, network, channel };
    this.supervisor = new ControlPlaneFunction(this, 'Supervisor', {
      ...surroundings,
      name: 'supervisor',
      description: 'Fences workers whose lease is over, places their sessions, rings due work',
      environment: supervisorEnvironment(settings),
      // Runs may overlap: every move is a conditional write.
      timeout: Duration.seconds(90),
      memoryMiB: 256,
    });
    this.delivery = this.#consumer('delivery', 'Delivers events to tenants', data.deliveries, surroundings);
    this.outbox = this.#consumer('outbox', 'Hands queued messages to workers', data.outbox, surroundings);
    this.#eachMinute();
  }

  /** The next minute is the retry. */
  #eachMinute(): void {
    const event = RuleTargetInput.fromObject({ source: 'schedule' });
    const options = { event, retryAttempts: 0, maxEventAge: Duration.minutes(1) };
    new Rule(this, 'EachMinute', {
      description: 'Leases are looked after, and what is due is queued again',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [this.supervisor, this.delivery].map(({ target }) => new LambdaFunction(target, options)),
    });
  }

  #consumer(
    name: 'delivery' | 'outbox',
    description: string,
    { queue }: WorkQueue,
    surroundings: Surroundings,
  ) {
    const consumer = new ControlPlaneFunction(this, name, {
      ...surroundings,
      name,
      description,
      timeout: Duration.seconds(60),
    });
    consumer.target.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 10,
        reportBatchItemFailures: true,
        maxConcurrency: MAX_CONSUMERS,
      }),
    );
    return consumer;
  }
}
