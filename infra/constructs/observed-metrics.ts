import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FLEET_METRICS, METRIC_NAMESPACE } from '../../functions/workers/supervision/fleet-metrics.ts';
import { TABLE_DEFINITION } from '../../shared/table/table-definition.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { StageSettings } from '../stages.ts';
import type { GatewayFunction } from './gateway-function.ts';

export interface ObservedParts {
  settings: StageSettings;
  data: DataStack;
  api: HttpApi;
  background: readonly GatewayFunction[];
  rotation: GatewayFunction;
}

const FIVE_MINUTES = { period: Duration.minutes(5) };

/** Adds up one metric of many things; things that report nothing count as 0. */
function sum(label: string, metrics: readonly IMetric[]): IMetric {
  const prefix = label.replaceAll(/\W/g, '_');
  const ids = metrics.map((_, index) => `${prefix}_${index}`);
  return new MathExpression({
    label,
    expression: ids.map((id) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`${prefix}_${index}`, metric])),
    ...FIVE_MINUTES,
  });
}

function apiMetrics(api: HttpApi) {
  // No labels: a labelled metric turns the alarm into metric math, which emulators do not know.
  const latency = (statistic: string) => api.metricLatency({ ...FIVE_MINUTES, statistic });
  const requests = api.metricCount({ ...FIVE_MINUTES, statistic: Stats.SUM });
  const serverErrors = api.metricServerError({ ...FIVE_MINUTES, statistic: Stats.SUM });
  return {
    requests,
    serverErrors,
    serverErrorShare: new MathExpression({
      label: '5xx in percent',
      // Fewer than 20 requests are not judged, so that a lone failure at night raises no alarm.
      expression: 'IF(requests > 20, 100 * errors / requests, 0)',
      usingMetrics: { requests, errors: serverErrors },
      ...FIVE_MINUTES,
    }),
    p95: latency('p95'),
    latencies: ['p50', 'p95', 'p99'].map((each) => latency(each).with({ label: `latency ${each}` })),
  };
}

function queueMetrics({ deliveries, outbox }: DataStack) {
  const age = { period: Duration.minutes(1), statistic: Stats.MAXIMUM };
  return {
    oldestDelivery: deliveries.queue.metricApproximateAgeOfOldestMessage(age),
    oldestOutbox: outbox.queue.metricApproximateAgeOfOldestMessage(age),
    deadLetters: sum(
      'dead letters',
      [deliveries, outbox].map(({ deadLetters }) =>
        deadLetters.metricApproximateNumberOfMessagesVisible({ ...FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      ),
    ),
  };
}

/**
 * Functions without a waiting caller; those behind the API show as 5xx. An alarm takes ten metrics at most.
 */
function functionMetrics(background: readonly GatewayFunction[]) {
  return {
    functionErrors: sum(
      'errors',
      background.map((each) => each.errors()),
    ),
    // Counted for the whole region, because concurrency is the account's.
    functionThrottles: LambdaFunction.metricAllThrottles(FIVE_MINUTES),
  };
}

function tableThrottles({ table }: DataStack): IMetric {
  const TableName = table.table.tableName;
  // Indexes report for themselves, and their keys get hot first.
  const places = [
    { TableName },
    ...TABLE_DEFINITION.indexes.map(({ name }) => ({ TableName, GlobalSecondaryIndexName: name })),
  ];
  const metric = (metricName: string, dimensionsMap: Record<string, string>) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap,
      statistic: Stats.SUM,
      ...FIVE_MINUTES,
    });
  return sum(
    'table throttles',
    places.flatMap((place) => [metric('ReadThrottleEvents', place), metric('WriteThrottleEvents', place)]),
  );
}

/** Every metric in a graph or an alarm. */
export function observe({ settings, data, api, background, rotation }: ObservedParts) {
  return {
    ...apiMetrics(api),
    ...queueMetrics(data),
    ...functionMetrics(background),
    ownerless: fleetMetric(settings, 'ownerless'),
    expiredLeases: fleetMetric(settings, 'expiredLeases'),
    slotsUsed: fleetMetric(settings, 'slotsUsed'),
    liveWorkers: fleetMetric(settings, 'liveWorkers'),
    oldestDue: fleetMetric(settings, 'oldestDueS'),
    // Found by search instead of by reference, so that the dashboard does not depend on the workers' stack.
    workerLoad: new MathExpression({
      label: '',
      expression: `SEARCH('{AWS/ECS,ClusterName,ServiceName} ClusterName="${clusterName(settings)}" MetricName=("CPUUtilization" OR "MemoryUtilization")', 'Maximum', 300)`,
      ...FIVE_MINUTES,
    }),
    tableThrottles: tableThrottles(data),
    rotationErrors: rotation.errors(),
  };
}

/** A metric that the supervisor writes each minute. */
export function fleetMetric(settings: StageSettings, which: keyof typeof FLEET_METRICS): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: FLEET_METRICS[which],
    dimensionsMap: { Environment: settings.environment },
    statistic: which === 'slotsUsed' ? Stats.AVERAGE : Stats.MAXIMUM,
    period: Duration.minutes(1),
  });
}

/** Fixed, so that the supervisor knows the cluster before the workers' stack exists. */
export function clusterName(settings: Pick<StageSettings, 'name'>): string {
  return `whatsapp-gateway-${settings.name}`;
}
