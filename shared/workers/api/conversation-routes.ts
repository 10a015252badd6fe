import * as z from 'zod';
import { PageQuery } from '../../contract/paging.ts';
import { defineRoute } from '../../contract/route.ts';
import {
  ChangeParticipants,
  CheckNumbers,
  ContactPage,
  CreateGroup,
  Group,
  GroupPage,
  GroupParams,
  NumberChecks,
  ParticipantResults,
  PresenceAnswer,
  ReadAnswer,
  SetPresence,
  UpdateGroup,
} from '../../conversations/schema.ts';
import { EditFields, ReactFields, RevokeFields, TenantRead } from '../../messages/actions.ts';
import { MessageParams } from '../../messages/outbox/routes.ts';
import { SendAnswer } from '../../messages/schema.ts';
import { SessionParams } from '../../sessions/schema.ts';
import { sessionPath, workerRoute } from './schema.ts';

const Owner = z.object({ epoch: z.number().int().min(0).optional() });
/** Chosen before sending, so that a repeated call is the same message. */
const ActionId = Owner.extend({
  actionId: z
    .string()
    .regex(/^[0-9A-Z]{16,64}$/)
    .optional()
    .meta({ description: 'The id under which the reaction, edit or revocation itself leaves.' }),
});

const ASK_ERRORS = [
  'SESSION_NOT_CONNECTED',
  'SESSION_MOVING',
  'STALE_OWNER',
  'SHUTTING_DOWN',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'WORKER_TIMEOUT',
  'WORKER_ERROR',
] as const;
const GROUP_ERRORS = [...ASK_ERRORS, 'GROUP_NOT_FOUND', 'CONFLICT'] as const;
const SEND_ERRORS = [...ASK_ERRORS, 'MESSAGE_REJECTED', 'GROUP_NOT_FOUND', 'CONFLICT'] as const;

const session = { ...workerRoute, params: SessionParams, errors: ASK_ERRORS } as const;
const group = { ...workerRoute, params: GroupParams, errors: GROUP_ERRORS } as const;
const message = { ...workerRoute, params: MessageParams } as const;
const owned = <S extends z.ZodType>(body: S) => body.and(Owner);

export const workerListContacts = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/contacts'),
  id: 'workerListContacts',
  method: 'GET',
  summary: 'People this session has met',
  query: PageQuery,
  answer: ContactPage,
});

export const workerCheckContacts = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/contacts/check'),
  id: 'workerCheckContacts',
  method: 'POST',
  summary: 'Which numbers are on WhatsApp',
  body: owned(CheckNumbers),
  answer: NumberChecks,
});

export const workerListGroups = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/groups'),
  id: 'workerListGroups',
  method: 'GET',
  summary: 'Groups of the account',
  query: PageQuery,
  answer: GroupPage,
});

export const workerCreateGroup = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/groups'),
  id: 'workerCreateGroup',
  method: 'POST',
  summary: 'Found a group',
  body: owned(CreateGroup),
  answer: Group,
  statuses: [201],
  errors: GROUP_ERRORS,
});

export const workerGetGroup = defineRoute({
  ...group,
  ...sessionPath('/{sessionId}/groups/{groupId}'),
  id: 'workerGetGroup',
  method: 'GET',
  summary: 'A group with its participants',
  answer: Group,
});

export const workerUpdateGroup = defineRoute({
  ...group,
  ...sessionPath('/{sessionId}/groups/{groupId}'),
  id: 'workerUpdateGroup',
  method: 'PUT',
  summary: 'Change subject, description or settings',
  body: owned(UpdateGroup),
  answer: Group,
});

export const workerLeaveGroup = defineRoute({
  ...group,
  ...sessionPath('/{sessionId}/groups/{groupId}'),
  id: 'workerLeaveGroup',
  method: 'DELETE',
  summary: 'Leave a group',
  body: Owner.default({}),
  answer: z.object({ groupId: z.string() }),
});

export const workerChangeParticipants = defineRoute({
  ...group,
  ...sessionPath('/{sessionId}/groups/{groupId}/participants'),
  id: 'workerChangeParticipants',
  method: 'POST',
  summary: 'Add, remove, promote or demote people',
  body: owned(ChangeParticipants),
  answer: ParticipantResults,
});

export const workerSetPresence = defineRoute({
  ...session,
  ...sessionPath('/{sessionId}/presence'),
  id: 'workerSetPresence',
  method: 'POST',
  summary: 'Show as typing, recording, online or away',
  body: owned(SetPresence),
  answer: PresenceAnswer,
});

export const workerReadMessage = defineRoute({
  ...message,
  ...sessionPath('/{sessionId}/messages/{messageId}/read'),
  id: 'workerReadMessage',
  method: 'POST',
  summary: 'Tell the sender of a message that it was read',
  body: owned(TenantRead),
  answer: ReadAnswer,
  errors: ASK_ERRORS,
});

const action = { ...message, answer: SendAnswer, statuses: [200, 202], errors: SEND_ERRORS } as const;

export const workerReact = defineRoute({
  ...action,
  ...sessionPath('/{sessionId}/messages/{messageId}/react'),
  id: 'workerReact',
  method: 'POST',
  summary: 'React to a message',
  body: ReactFields.extend(ActionId.shape),
});

export const workerEdit = defineRoute({
  ...action,
  ...sessionPath('/{sessionId}/messages/{messageId}/edit'),
  id: 'workerEdit',
  method: 'POST',
  summary: 'Edit a text of this session',
  body: EditFields.extend(ActionId.shape),
});

export const workerRevoke = defineRoute({
  ...action,
  ...sessionPath('/{sessionId}/messages/{messageId}'),
  id: 'workerRevoke',
  method: 'DELETE',
  summary: 'Revoke a message for everyone',
  body: RevokeFields.extend(ActionId.shape),
});

export const workerConversationRoutes = [
  workerListContacts,
  workerCheckContacts,
  workerListGroups,
  workerCreateGroup,
  workerGetGroup,
  workerUpdateGroup,
  workerLeaveGroup,
  workerChangeParticipants,
  workerSetPresence,
  workerReadMessage,
  workerReact,
  workerEdit,
  workerRevoke,
] as const;
