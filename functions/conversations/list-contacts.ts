import { listContacts } from '../../shared/conversations/routes.ts';
import { implement } from '../http/implement.ts';
import { askWorker } from './ask-worker.ts';

export const handler = implement(listContacts, async (request, deps) => {
  const { params, query } = request;
  return {
    data: await askWorker(deps, request, ({ client, options }) =>
      client.workerListContacts({ params, query }, options),
    ),
  };
});
