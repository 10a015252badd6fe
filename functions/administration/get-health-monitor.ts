import { getHealthMonitor } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { toMonitorState } from './fleet/run-monitor.ts';

export const handler = implement(getHealthMonitor, async (_, deps) => ({
  data: toMonitorState(await deps.stores.monitor.get()),
}));
