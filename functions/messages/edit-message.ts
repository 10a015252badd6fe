import { editMessage } from '../../shared/messages/routes.ts';
import { implement } from '../http/implement.ts';
import { actOnMessage } from './act-on-message.ts';

// The worker decides whether it may still be edited: it knows the message and when it was sent.
export const handler = implement(editMessage, (request, deps) =>
  actOnMessage(deps, request, ({ to }) => ({
    verb: 'edit',
    target: request.params.messageId,
    body: { ...request.body, to },
  })),
);
