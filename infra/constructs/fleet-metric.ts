import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FLEET_METRICS, METRIC_NAMESPACE } from '../../functions/supervisor/fleet-metrics.ts';
import type { StageSettings } from '../stages.ts';

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
