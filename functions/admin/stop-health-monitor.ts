import { stopHealthMonitor } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { toMonitorState } from './to-monitor-state.ts';

export const handler = implement(stopHealthMonitor, async (_, deps) => ({
  data: toMonitorState(await deps.stores.monitor.setRunning(false)),
}));
