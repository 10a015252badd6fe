import { Stack, type StackProps } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, SingleValueWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { DEPLOYMENT_EVENTS } from '../../shared/workers/deployment.ts';
import { clusterName, type ObservedParts, observe } from '../constructs/observed-metrics.ts';
import { addRunbookAlarm, type RunbookAlarmProps } from '../constructs/runbook-alarm.ts';
import type { StageSettings } from '../stages.ts';

const DEPLOYMENT_FAILED: (typeof DEPLOYMENT_EVENTS)[number] = 'SERVICE_DEPLOYMENT_FAILED';
const ROLLED_BACK = `New workers did not become healthy and were rolled back: ${EventField.fromPath('$.detail.reason')} Runbook: docs/runbooks/deployment-failed.md`;

/** The dashboard and the alarms for whoever is on call. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & ObservedParts) {
    super(scope, id, props);
    const { settings } = props;
    const metrics = observe(props);
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    if (settings.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(settings.alarmEmail));
    for (const alarm of alarmsOf(metrics, settings)) addRunbookAlarm(this, { ...alarm, topic });
    this.#callOnRollback(settings, topic);
    this.#dashboard(settings, metrics);
  }

  /** No metric counts rollbacks: ECS sends one event when its circuit breaker rolls a deployment back. */
  #callOnRollback(settings: StageSettings, topic: Topic): void {
    const cluster = clusterName(settings);
    const service = this.formatArn({ service: 'ecs', resource: 'service', resourceName: `${cluster}/` });
    new Rule(this, 'DeploymentFailed', {
      description: 'A deployment of the workers has failed and was rolled back',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Deployment State Change'],
        resources: Match.prefix(service),
        detail: { eventName: [DEPLOYMENT_FAILED] },
      },
      targets: [new SnsTopic(topic, { message: RuleTargetInput.fromText(ROLLED_BACK) })],
    });
  }

  #dashboard(settings: StageSettings, metrics: ReturnType<typeof observe>): void {
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 12 });
    new Dashboard(this, 'Dashboard', {
      dashboardName: `whatsapp-gateway-${settings.name}`,
      widgets: [
        [
          new SingleValueWidget({
            title: 'Now',
            metrics: [metrics.ownerless, metrics.expiredLeases, metrics.slotsUsed, metrics.deadLetters],
            width: 24,
          }),
        ],
        [
          graph('Sessions: without owner, leases over', [metrics.ownerless, metrics.expiredLeases]),
          graph(
            'Workers: share of session slots taken',
            [metrics.slotsUsed],
            [metrics.liveWorkers, metrics.workerLoad],
          ),
        ],
        [
          graph('Requests and 5xx', [metrics.requests], [metrics.serverErrors]),
          graph('Latency p50, p95, p99 (ms)', metrics.latencies),
        ],
        [
          graph('Oldest delivery and message (s)', [
            metrics.oldestDelivery.with({ label: 'delivery' }),
            metrics.oldestOutbox.with({ label: 'outbox' }),
            metrics.oldestDue,
          ]),
          graph('Function errors and throttles', [metrics.functionErrors], [metrics.functionThrottles]),
        ],
      ],
    });
  }
}

type AlarmTable = Omit<RunbookAlarmProps, 'topic'>[];

/** The alarms as a table: each threshold with its reason. */
function alarmsOf(metrics: ReturnType<typeof observe>, { workers }: StageSettings): AlarmTable {
  return [
    {
      runbook: 'oldest-delivery',
      says: 'Tenants get their events late: the oldest one has waited five minutes for its first attempt.',
      metric: metrics.oldestDelivery,
      // A first attempt takes seconds; five minutes is more than any burst that 50 consumers can clear.
      above: 300,
      forPeriods: 3,
    },
    {
      runbook: 'oldest-due',
      says: 'Retries of deliveries or queued messages come late: one had been due for ten minutes.',
      metric: metrics.oldestDue,
      // The supervisor sweeps at least once a minute, so anything due for longer cannot be enqueued.
      above: 600,
      forPeriods: 3,
    },
    {
      runbook: 'oldest-outbox',
      says: 'Queued messages of connected sessions are not leaving.',
      metric: metrics.oldestOutbox,
      above: 600,
      forPeriods: 3,
    },
    {
      runbook: 'sessions-without-owner',
      says: 'Sessions that should be connected have no live worker.',
      metric: metrics.ownerless,
      // Placing sessions again takes seconds after a proven death, and the lease of 90 s plus a margin after
      // a silent one.
      above: 0,
      forPeriods: 5,
    },
    {
      runbook: 'expired-leases',
      says: 'The supervisor is silent, or leases end without anybody fencing the worker.',
      metric: metrics.expiredLeases,
      above: 0,
      forPeriods: 3,
      silenceIsFailure: true,
    },
    {
      runbook: 'worker-slots',
      says: 'Session slots run out faster than workers are added.',
      metric: metrics.slotsUsed,
      // Scaling aims lower: a quarter of an hour above this means that it does not work.
      above: Math.min(95, workers.targetSlotUse + 15),
      forPeriods: 15,
    },
    {
      runbook: 'server-errors',
      says: 'More than 1 % of requests were answered with 5xx.',
      metric: metrics.serverErrorShare,
      above: 1,
      forPeriods: 2,
    },
    {
      runbook: 'dead-letters',
      says: 'Something was given up: a delivery or a message lies in a dead-letter queue.',
      metric: metrics.deadLetters,
      above: 0,
      forPeriods: 1,
    },
    {
      runbook: 'latency-p95',
      says: 'One request in twenty takes longer than three seconds.',
      metric: metrics.p95,
      // A send waits about a second for WhatsApp's acknowledgement; a cold start adds half a second.
      above: 3_000,
      forPeriods: 3,
    },
    {
      runbook: 'function-errors',
      says: 'A function fails in a way that no caller was told about.',
      metric: metrics.functionErrors,
      above: 5,
      forPeriods: 1,
    },
    {
      runbook: 'function-throttles',
      says: 'The account’s concurrency, or what is reserved for a function, is used up: requests are turned away.',
      metric: metrics.functionThrottles,
      above: 0,
      forPeriods: 2,
    },
    {
      runbook: 'table-throttles',
      says: 'DynamoDB turns requests away: a hot key, or growth beyond what a partition takes.',
      metric: metrics.tableThrottles,
      above: 0,
      forPeriods: 3,
    },
    {
      runbook: 'rotating-secrets',
      says: 'A secret could not be rotated: its tokens are older than they should be.',
      metric: metrics.rotationErrors,
      above: 0,
      forPeriods: 1,
    },
  ];
}
