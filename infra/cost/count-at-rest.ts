import * as z from 'zod';
import type { AtRest } from './cost-model.ts';

/** A resource of a template. */
export interface PricedResource {
  type: string;
  properties: Readonly<Record<string, unknown>>;
}

const MetricMath = z.array(z.looseObject({ MetricStat: z.unknown().optional() }));

/** The metrics of an alarm: its own, or those of its metric math. */
function metricsOf({ properties }: PricedResource): number {
  const { Metrics } = properties;
  if (Metrics === undefined) return 1;
  return MetricMath.parse(Metrics).filter(({ MetricStat }) => MetricStat !== undefined).length;
}

/** Counts the resources of one stage. */
export function countAtRest(resources: readonly PricedResource[]): AtRest {
  const ofType = (type: string) => resources.filter((each) => each.type === type);
  return {
    alarmMetrics: ofType('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    secrets: ofType('AWS::SecretsManager::Secret').length,
  };
}
