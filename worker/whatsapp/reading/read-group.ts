import type { GroupMetadata, GroupParticipant } from '@whiskeysockets/baileys';
import type { Group, GroupSummary, Participant } from '../../../shared/conversations/schema.ts';
import { phoneNumberOf, readPerson } from './read-jid.ts';
import type { Account } from './read-message.ts';

type Role = Participant['role'];
const ROLE: Readonly<Record<string, Role>> = { admin: 'admin', superadmin: 'owner' };

export function summarizeGroup(group: GroupMetadata, me: Account | undefined): GroupSummary {
  const own = readPerson(me?.id, me?.lid);
  const self = group.participants.find((participant) => isSame(personOf(participant), own));
  const { id, subject, desc, creation = 0, size, participants, announce, restrict } = group;
  return {
    groupId: id,
    subject,
    description: desc || null,
    createdAt: creation > 0 ? new Date(creation * 1000).toISOString() : null,
    size: size ?? participants.length,
    announce: announce === true,
    locked: restrict === true,
    role: roleOf(self),
  };
}

export function readGroup(group: GroupMetadata, me: Account | undefined): Group {
  return { ...summarizeGroup(group, me), participants: group.participants.map(readParticipant) };
}

export const personOf = ({ id, phoneNumber, lid }: GroupParticipant) => readPerson(id, phoneNumber, lid);

/** Whether two names, each by number, by LID or both, are of one person as far as they tell. */
export const isSame = (one: ReturnType<typeof readPerson>, other: ReturnType<typeof readPerson>): boolean =>
  (one.pn !== undefined && one.pn === other.pn) || (one.lid !== undefined && one.lid === other.lid);

const roleOf = (participant: GroupParticipant | undefined): Role =>
  ROLE[participant?.admin ?? ''] ?? 'member';

function readParticipant(participant: GroupParticipant): Participant {
  const { pn, lid } = personOf(participant);
  return {
    participantId: pn ?? lid ?? participant.id,
    phoneNumber: phoneNumberOf(pn) ?? null,
    lid: lid ?? null,
    role: roleOf(participant),
  };
}
