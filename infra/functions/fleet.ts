import type { StageSettings } from '../stages.ts';

/** Fixed, so that the supervisor can know the cluster before the workers' stack exists. */
export function clusterName(settings: Pick<StageSettings, 'name'>): string {
  return `whatsapp-gateway-${settings.name}`;
}

/** Of the embedded metrics that the supervisor writes into its log, one line a minute. */
export const METRIC_NAMESPACE = 'WhatsAppGateway';

/** Each over the whole fleet, with the one dimension `Environment`. */
export const FLEET_METRICS = {
  /** Percent of the session slots of live workers that are taken; 100 where there is no slot. */
  slotsUsed: 'SessionSlotsUsedPercent',
  /** Sessions that are wished connected and have no live owner. */
  ownerless: 'SessionsWithoutOwner',
  /** Workers whose lease is over and which are not fenced yet. */
  expiredLeases: 'ExpiredLeases',
  /** Seconds by which the oldest delivery or message is overdue. */
  oldestDueS: 'OldestDueSeconds',
} as const;
