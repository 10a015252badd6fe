import { editMessage } from '../../shared/messages/routes.ts';
import { implement } from '../http/implement.ts';
import { actOnMessage } from './act-on-message.ts';

// Whether it may still be edited is the worker's to say, which knows what it was and when it left.
export const handler = implement(editMessage, (request, deps) =>
  actOnMessage(deps, request, ({ to }) => ({
    verb: 'edit',
    target: request.params.messageId,
    body: { ...request.body, to },
  })),
);
