import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import type {
  ChangeParticipants,
  CreateGroup,
  Group,
  GroupSummary,
  ParticipantResult,
  UpdateGroup,
} from '../../../shared/conversations/schema.ts';
import { isSame, personOf, readGroup, summarizeGroup } from '../reading/read-group.ts';
import { readPerson } from '../reading/read-jid.ts';
import type { Account } from '../reading/read-message.ts';
import { askWhatsApp } from '../socket/ask-whatsapp.ts';
import type { SocketCaches } from '../socket/socket-caches.ts';

/** An account's actions on its groups. Each throws AppError as `askWhatsApp` says. */
export interface GroupVerbs {
  /** All groups the account is in, by their JID. */
  list(): Promise<GroupSummary[]>;
  get(groupId: string): Promise<Group>;
  create(group: CreateGroup): Promise<Group>;
  update(groupId: string, change: UpdateGroup): Promise<Group>;
  leave(groupId: string): Promise<void>;
  change(groupId: string, change: ChangeParticipants): Promise<ParticipantResult[]>;
  isAdmin(groupId: string): Promise<boolean>;
  /** A person's JID as the group itself addresses its members; as given where that is not known. */
  nameIn(groupId: string, jid: string): Promise<string>;
}

export interface GroupVerbDeps {
  account: () => Account | undefined;
  lidOf: (jid: string) => string | undefined;
  caches: Pick<SocketCaches, 'groups' | 'groupList'>;
}

/** WhatsApp's word for all of an account's groups. */
const ALL = 'all';

/** Why WhatsApp did not do it for one person. */
const REASONS: Readonly<Record<string, string>> = {
  '401': 'This person has blocked the account, or may not be changed by it.',
  '403': 'This person’s privacy settings do not let others add them. Send them an invitation.',
  '404': 'This person is not on WhatsApp, or not in the group.',
  '408': 'This person has left the group lately and cannot be added yet.',
  '409': 'This person is in the group already.',
  '419': 'The group is full.',
  '500': 'WhatsApp could not do this for this person.',
};

export function createGroupVerbs(socket: WASocket, { account, lidOf, caches }: GroupVerbDeps): GroupVerbs {
  const metadata = async (groupId: string): Promise<GroupMetadata> => {
    const known = caches.groups.get(groupId) ?? (await askWhatsApp(() => socket.groupMetadata(groupId)));
    caches.groups.set(groupId, known);
    return known;
  };
  const forget = (groupId: string) => {
    caches.groups.delete(groupId);
    caches.groupList.clear();
  };
  const fresh = async (groupId: string) => {
    forget(groupId);
    return readGroup(await metadata(groupId), account());
  };
  const self: GroupVerbs = {
    async list() {
      const known = caches.groupList.get(ALL);
      if (known !== undefined) return known;
      const groups = await askWhatsApp(() => socket.groupFetchAllParticipating());
      const list = Object.values(groups)
        .map((group) => summarizeGroup(group, account()))
        .sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
      caches.groupList.set(ALL, list);
      return list;
    },
    get: async (groupId) => readGroup(await metadata(groupId), account()),
    async create({ subject, participants, description }) {
      const { id } = await askWhatsApp(() => socket.groupCreate(subject, participants));
      if (description) await askWhatsApp(() => socket.groupUpdateDescription(id, description));
      return fresh(id);
    },
    async update(groupId, { subject, description, announce, locked }) {
      const set = (setting: 'announcement' | 'not_announcement' | 'locked' | 'unlocked') =>
        askWhatsApp(() => socket.groupSettingUpdate(groupId, setting));
      forget(groupId);
      if (subject !== undefined) await askWhatsApp(() => socket.groupUpdateSubject(groupId, subject));
      if (description !== undefined)
        await askWhatsApp(() => socket.groupUpdateDescription(groupId, description));
      if (announce !== undefined) await set(announce ? 'announcement' : 'not_announcement');
      if (locked !== undefined) await set(locked ? 'locked' : 'unlocked');
      return fresh(groupId);
    },
    async leave(groupId) {
      await askWhatsApp(() => socket.groupLeave(groupId));
      forget(groupId);
    },
    async change(groupId, { action, participants }) {
      // WhatsApp may answer with LIDs only, so they are needed to know who is meant.
      const numbers = participants.filter(
        (jid) => lidOf(jid) === undefined && jid.endsWith('@s.whatsapp.net'),
      );
      if (numbers.length > 0)
        await askWhatsApp(() => socket.signalRepository.lidMapping.getLIDsForPNs(numbers));
      const answers = await askWhatsApp(() => socket.groupParticipantsUpdate(groupId, participants, action));
      forget(groupId);
      return participants.map((jid) => {
        const asked = readPerson(jid, lidOf(jid));
        const answer = answers.find(({ jid: told, content }) => {
          const { phone_number, lid } = content.attrs;
          return isSame(readPerson(told, phone_number, lid), asked);
        });
        const code = answer?.status ?? '404';
        if (code === '200') return { participantId: jid, done: true };
        const error = REASONS[code] ?? 'WhatsApp refused this for this person.';
        return { participantId: jid, done: false, code, error };
      });
    },
    isAdmin: async (groupId) => summarizeGroup(await metadata(groupId), account()).role !== 'member',
    async nameIn(groupId, jid) {
      const person = readPerson(jid, lidOf(jid));
      const { participants, addressingMode } = await metadata(groupId);
      const member = participants.find((one) => isSame(personOf(one), person));
      // A person who has left the group, or never was in it, may be known from elsewhere.
      return member?.id ?? (addressingMode === 'lid' ? person.lid : person.pn) ?? jid;
    },
  };
  return self;
}
