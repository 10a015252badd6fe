import type { StageSettings } from '../stages.ts';

/** Fixed, so that the supervisor can know the cluster before the workers' stack exists. */
export function clusterName(settings: Pick<StageSettings, 'name'>): string {
  return `whatsapp-gateway-${settings.name}`;
}
