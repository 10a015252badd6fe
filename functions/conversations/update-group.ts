import { updateGroup } from '../../shared/conversations/routes.ts';
import { implement } from '../http/implement.ts';
import { askWorker } from './ask-worker.ts';

export const handler = implement(updateGroup, async (request, deps) => {
  const { params, body } = request;
  return {
    data: await askWorker(deps, request, ({ client, epoch, options }) =>
      client.workerUpdateGroup({ params, body: { ...body, epoch } }, options),
    ),
  };
});
