import { getGroup } from '../../shared/conversations/routes.ts';
import { implement } from '../http/implement.ts';
import { askWorker } from './ask-worker.ts';

export const handler = implement(getGroup, async (request, deps) => {
  const { params } = request;
  return {
    data: await askWorker(deps, request, ({ client, options }) => client.workerGetGroup({ params }, options)),
  };
});
