import { createGroup } from '../../shared/conversations/routes.ts';
import { implement } from '../http/implement.ts';
import { askWorker } from './ask-worker.ts';

export const handler = implement(createGroup, async (request, deps) => {
  const { params, body } = request;
  const data = await askWorker(deps, request, ({ client, epoch, options }) =>
    client.workerCreateGroup({ params, body: { ...body, epoch } }, options),
  );
  return { status: 201, data };
});
