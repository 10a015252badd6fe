import { startHealthMonitor } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { toMonitorState } from './fleet/run-monitor.ts';

export const handler = implement(startHealthMonitor, async (_, deps) => ({
  data: toMonitorState(await deps.stores.monitor.setRunning(true)),
}));
