import type { workerConversationRoutes } from '../../shared/workers/api/conversation-routes.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import { toSendReply, type WorkerHandlers } from './reply.ts';

type ConversationHandlers = Pick<WorkerHandlers, (typeof workerConversationRoutes)[number]['id']>;

/** Handlers for people, groups, and actions on existing messages. */
export function conversationHandlers({ registry }: { registry: SessionRegistry }): ConversationHandlers {
  const at = (sessionId: string, epoch?: number) => registry.conversations(sessionId, epoch);
  return {
    workerListContacts: async ({ params, query }) => ({
      data: (await at(params.sessionId)).contacts(query),
    }),
    workerCheckContacts: async ({ params, body: { phoneNumbers, epoch } }) => ({
      data: { results: await (await at(params.sessionId, epoch)).check(phoneNumbers) },
    }),
    workerListGroups: async ({ params, query }) => ({
      data: await (await at(params.sessionId)).groups(query),
    }),
    workerCreateGroup: async ({ params, body: { epoch, ...group } }) => ({
      status: 201,
      data: await (await at(params.sessionId, epoch)).createGroup(group),
    }),
    workerGetGroup: async ({ params }) => ({
      data: await (await at(params.sessionId)).group(params.groupId),
    }),
    workerUpdateGroup: async ({ params, body: { epoch, ...change } }) => ({
      data: await (await at(params.sessionId, epoch)).updateGroup(params.groupId, change),
    }),
    workerLeaveGroup: async ({ params: { sessionId, groupId }, body: { epoch } }) => {
      await (await at(sessionId, epoch)).leaveGroup(groupId);
      return { data: { groupId }, message: 'Group left' };
    },
    workerChangeParticipants: async ({ params: { sessionId, groupId }, body: { epoch, ...change } }) => ({
      data: { groupId, results: await (await at(sessionId, epoch)).changeParticipants(groupId, change) },
    }),
    workerSetPresence: async ({ params, body: { epoch, ...presence } }) => {
      await (await at(params.sessionId, epoch)).presence(presence);
      return { data: { presence: presence.presence, to: presence.to ?? null } };
    },
    workerReadMessage: async ({ params: { sessionId, messageId }, body: { epoch, to, from } }) => {
      await (await at(sessionId, epoch)).read({ messageId, to, from });
      return { data: { messageId, to } };
    },
    workerReact: async ({ params, body: { to, actionId: messageId, epoch, ...reaction } }) => {
      const target = { ...reaction, messageId: params.messageId };
      const message = { type: 'reaction', to, reaction: target, messageId, epoch } as const;
      return toSendReply(await registry.send(params.sessionId, message));
    },
    workerEdit: async ({ params, body: { actionId: messageId, ...edit } }) => {
      const message = { ...edit, type: 'edit', targetId: params.messageId, messageId } as const;
      return toSendReply(await registry.send(params.sessionId, message));
    },
    workerRevoke: async ({ params, body: { actionId: messageId, ...revocation } }) => {
      const message = { ...revocation, type: 'revoke', targetId: params.messageId, messageId } as const;
      return toSendReply(await registry.send(params.sessionId, message));
    },
  };
}
