import { checkWorkersHealth } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { checkHealth } from './fleet/check-health.ts';

export const handler = implement(checkWorkersHealth, async ({ requestId }, deps) => {
  const results = await checkHealth(deps, requestId);
  const times = results.flatMap(({ responseTime }) => (responseTime === undefined ? [] : [responseTime]));
  const sum = times.reduce((all, each) => all + each, 0);
  return {
    data: {
      summary: {
        totalWorkers: results.length,
        onlineWorkers: results.filter(({ status }) => status === 'online').length,
        offlineWorkers: results.filter(({ status }) => status === 'offline').length,
        averageResponseTime: times.length === 0 ? 0 : Math.round(sum / times.length),
      },
      results,
    },
  };
});
