import { reactToMessage } from '../../shared/messages/routes.ts';
import { implement } from '../http/implement.ts';
import { actOnMessage } from './act-on-message.ts';

export const handler = implement(reactToMessage, ({ params, body, ...scope }, deps) =>
  actOnMessage(deps, { params, body, ...scope }, ({ to, record }) => ({
    verb: 'react',
    target: params.messageId,
    body: { ...body, to, fromMe: body.fromMe ?? (record === undefined ? undefined : true) },
  })),
);
