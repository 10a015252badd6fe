import type { GroupView } from '../verbs.ts';
import { nowSeconds } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Group } from '../world/group.ts';
import type { Exchange } from './exchange.ts';

/** Founds a group. */
export function addGroup(exchange: Exchange, creator: Account, subject: string, others: Account[]): Group {
  const { world } = exchange;
  const at = nowSeconds();
  const serial = world.derive('group', creator.number, world.groups.size, subject).readUInt32BE(0);
  const group: Group = {
    id: `1203630${String(serial).padStart(11, '0')}@g.us`,
    subject,
    subjectAt: at,
    creator: creator.number,
    createdAt: at,
    addressing: world.settings.addressing,
    description: null,
    announce: false,
    locked: false,
    ephemeralSeconds: 0,
    inviteCode: world.derive('invite', serial).toString('base64url').slice(0, 22),
    participants: new Map([[creator.number, { admin: 'superadmin' }]]),
  };
  for (const other of others) if (other !== creator) group.participants.set(other.number, { admin: null });
  world.groups.set(group.id, group);
  return group;
}

export function groupView(group: Group): GroupView {
  return {
    id: group.id,
    subject: group.subject,
    creator: group.creator,
    addressing: group.addressing,
    participants: [...group.participants].map(([number, { admin }]) => ({ number, admin: admin !== null })),
  };
}
