import * as z from 'zod';
import { PageQuery } from '../contract/paging.ts';
import { defineRoute, TENANT } from '../contract/route.ts';
import { TenantRead } from '../messages/actions.ts';
import { MessageParams } from '../messages/outbox/routes.ts';
import { SessionParams } from '../sessions/schema.ts';
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
} from './schema.ts';

const base = { group: 'conversations', callers: TENANT } as const;
const path = <const P extends string>(rest: P) => `/api/v1/sessions/{sessionId}${rest}` as const;

/** Failures of any question to the session's worker. */
export const ASK_ERRORS = [
  'SESSION_NOT_CONNECTED',
  'SESSION_MOVING',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'WORKER_UNREACHABLE',
  'WORKER_TIMEOUT',
  'WORKER_ERROR',
] as const;
const GROUP_ERRORS = [...ASK_ERRORS, 'GROUP_NOT_FOUND'] as const;
const CHANGE_ERRORS = [...GROUP_ERRORS, 'CONFLICT'] as const;

const session = { ...base, params: SessionParams } as const;
const group = { ...base, params: GroupParams } as const;

export const listContacts = defineRoute({
  ...session,
  id: 'listContacts',
  method: 'GET',
  path: path('/contacts'),
  summary: 'People this session has met',
  description:
    'Learned from messages and from what the phone tells a linked device: the latest 5,000, by their JID.',
  query: PageQuery,
  answer: ContactPage,
  errors: ASK_ERRORS,
});

export const checkContacts = defineRoute({
  ...session,
  id: 'checkContacts',
  method: 'POST',
  path: path('/contacts/check'),
  summary: 'Which numbers are on WhatsApp',
  body: CheckNumbers,
  answer: NumberChecks,
  errors: ASK_ERRORS,
});

export const listGroups = defineRoute({
  ...session,
  id: 'listGroups',
  method: 'GET',
  path: path('/groups'),
  summary: 'Groups this session’s account is in, by their JID',
  query: PageQuery,
  answer: GroupPage,
  errors: ASK_ERRORS,
});

export const createGroup = defineRoute({
  ...session,
  id: 'createGroup',
  method: 'POST',
  path: path('/groups'),
  summary: 'Found a group',
  description:
    'WhatsApp leaves out people whose privacy forbids adding them: the answer names those who are in.',
  body: CreateGroup,
  answer: Group,
  statuses: [201],
  errors: CHANGE_ERRORS,
  idempotent: true,
});

export const getGroup = defineRoute({
  ...group,
  id: 'getGroup',
  method: 'GET',
  path: path('/groups/{groupId}'),
  summary: 'A group with its participants',
  answer: Group,
  errors: GROUP_ERRORS,
});

export const updateGroup = defineRoute({
  ...group,
  id: 'updateGroup',
  method: 'PUT',
  alsoBy: { PATCH: 'patchGroup' },
  path: path('/groups/{groupId}'),
  summary: 'Change subject, description or settings',
  body: UpdateGroup,
  answer: Group,
  errors: CHANGE_ERRORS,
});

export const leaveGroup = defineRoute({
  ...group,
  id: 'leaveGroup',
  method: 'DELETE',
  path: path('/groups/{groupId}'),
  summary: 'Leave a group',
  answer: z.object({ groupId: z.string() }),
  errors: CHANGE_ERRORS,
});

export const changeParticipants = defineRoute({
  ...group,
  id: 'changeParticipants',
  method: 'POST',
  path: path('/groups/{groupId}/participants'),
  summary: 'Add, remove, promote or demote people',
  description: 'Answers 200 with a result for each person, also where none of them could be changed.',
  body: ChangeParticipants,
  answer: ParticipantResults,
  errors: CHANGE_ERRORS,
});

export const setPresence = defineRoute({
  ...session,
  id: 'setPresence',
  method: 'POST',
  path: path('/presence'),
  summary: 'Show as typing, recording, online or away',
  body: SetPresence,
  answer: PresenceAnswer,
  errors: ASK_ERRORS,
});

export const readMessage = defineRoute({
  ...base,
  id: 'readMessage',
  method: 'POST',
  path: path('/messages/{messageId}/read'),
  summary: 'Tell the sender of a message that it was read',
  description: 'Whether the sender sees it depends on the privacy settings of both accounts.',
  params: MessageParams,
  body: TenantRead,
  answer: ReadAnswer,
  errors: ASK_ERRORS,
});

export const conversationRoutes = [
  listContacts,
  checkContacts,
  listGroups,
  createGroup,
  getGroup,
  updateGroup,
  leaveGroup,
  changeParticipants,
  setPresence,
  readMessage,
] as const;
