import { leaveGroup } from '../../shared/conversations/routes.ts';
import { implement } from '../http/implement.ts';
import { askWorker } from './ask-worker.ts';

export const handler = implement(leaveGroup, async (request, deps) => {
  const { params } = request;
  const data = await askWorker(deps, request, ({ client, epoch, options }) =>
    client.workerLeaveGroup({ params, body: { epoch } }, options),
  );
  return { data, message: 'Group left' };
});
