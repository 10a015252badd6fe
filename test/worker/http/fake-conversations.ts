import type { Group } from '../../../shared/conversations/schema.ts';
import type { SessionRegistry } from '../../../worker/sessions/ports.ts';

export const GROUP: Group = {
  groupId: '120363012345678901@g.us',
  subject: 'Team',
  description: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  size: 1,
  announce: false,
  locked: false,
  role: 'owner',
  participants: [],
};
const NOTHING_MORE = { limit: 50, cursor: null, hasMore: false };

/** Answers as a session would that knows one group and nobody. */
export function fakeConversations(
  record: (verb: string, ...args: unknown[]) => void,
): Awaited<ReturnType<SessionRegistry['conversations']>> {
  const { participants: _, ...summary } = GROUP;
  return {
    contacts: (query) => {
      record('contacts', query);
      return { contacts: [], pagination: NOTHING_MORE };
    },
    check: async (digits) => {
      record('check', digits);
      return digits.map((each) => ({ phoneNumber: `+${each}`, exists: false, contactId: null, lid: null }));
    },
    groups: async (query) => {
      record('groups', query);
      return { groups: [summary], pagination: NOTHING_MORE };
    },
    group: async (groupId) => {
      record('group', groupId);
      return GROUP;
    },
    createGroup: async (group) => {
      record('createGroup', group);
      return GROUP;
    },
    updateGroup: async (groupId, change) => {
      record('updateGroup', groupId, change);
      return GROUP;
    },
    leaveGroup: async (groupId) => record('leaveGroup', groupId),
    changeParticipants: async (groupId, change) => {
      record('changeParticipants', groupId, change);
      return change.participants.map((participantId) => ({ participantId, done: true }));
    },
    presence: async (presence) => record('presence', presence),
    read: async (message) => record('read', message),
  };
}
