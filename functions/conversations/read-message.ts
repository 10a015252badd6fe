import { readMessage } from '../../shared/conversations/routes.ts';
import { implement } from '../http/implement.ts';
import { askWorker } from './ask-worker.ts';

export const handler = implement(readMessage, async (request, deps) => {
  const { params, body } = request;
  return {
    data: await askWorker(deps, request, ({ client, epoch, options }) =>
      client.workerReadMessage({ params, body: { ...body, epoch } }, options),
    ),
  };
});
