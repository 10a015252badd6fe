import { stopHealthMonitor } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { toMonitorState } from './fleet/run-monitor.ts';

export const handler = implement(stopHealthMonitor, async (_, deps) => ({
  data: toMonitorState(await deps.stores.monitor.setRunning(false)),
}));
