import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { ControlPlaneFunction, type Surroundings } from '../constructs/control-plane-functions.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { backgroundEntry } from '../functions/entry-source.ts';
import { clusterName } from '../functions/fleet.ts';

/** How many queue consumers may run at once: they call tenants' servers and our workers. */
const MAX_CONSUMERS = 50;

/** What runs without being asked: the supervisor each minute, and the consumers of the queues. */
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
      entry: backgroundEntry('supervisor'),
      environment: {
        SUPERVISOR_LOOP_S: String(settings.supervisor.loopS),
        ECS_CLUSTER_NAME: clusterName(settings),
      },
      // One run may overlap the next: every move it makes is a conditional write.
      timeout: Duration.seconds(90),
      memoryMiB: 256,
    });
    new Rule(this, 'EachMinute', {
      description: 'The supervisor looks after leases and due work',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(this.supervisor.target, {
          event: RuleTargetInput.fromObject({ source: 'schedule' }),
          // The next minute is the retry.
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });
    this.delivery = this.#consumer('delivery', 'Delivers events to tenants', data.deliveries, surroundings);
    this.outbox = this.#consumer('outbox', 'Hands queued messages to workers', data.outbox, surroundings);
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
      entry: backgroundEntry(name),
      timeout: Duration.seconds(60),
    });
    consumer.function.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 10,
        reportBatchItemFailures: true,
        maxConcurrency: MAX_CONSUMERS,
      }),
    );
    return consumer;
  }
}
