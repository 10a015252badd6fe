import type { GroupView } from '../verbs.ts';
import { nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Group } from '../world/group.ts';
import type { Exchange } from './exchange.ts';
import { groupStanza, participantStanza } from './group-stanza.ts';

/** Founds a group and tells its members. */
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
  announce(exchange, group, creator, stanza('create', { type: 'new' }, [groupStanza(world, group)]));
  return group;
}

export type MembershipChange = 'add' | 'remove' | 'promote' | 'demote';

/** Changes who is in, or who leads; says of each what became of it (`200`, or an error's number). */
export function changeMembers(
  exchange: Exchange,
  group: Group,
  actor: Account,
  change: MembershipChange,
  members: Account[],
): Map<Account, string> {
  const outcome = new Map<Account, string>();
  for (const member of members) outcome.set(member, changeOne(group, change, member));
  const changed = members.filter((member) => outcome.get(member) === '200');
  if (changed.length === 0) return outcome;
  // A new member must not read the past, nor one who left the future: everybody begins a new key.
  if (change === 'add' || change === 'remove')
    for (const number of [...group.participants.keys(), ...changed.map((one) => one.number)])
      forgetGroupKey(exchange.world.accounts.get(number), group);
  const content = changed.map((member) => participantStanza(exchange.world, group, member));
  announce(exchange, group, actor, stanza(change, {}, content), change === 'remove' ? changed : []);
  return outcome;
}

/** A notification of type `w:gp2` for the linked devices of all members (and of `alsoTo`). */
export function announce(
  exchange: Exchange,
  group: Group,
  actor: Account,
  content: Stanza,
  alsoTo: Account[] = [],
): void {
  const members = [...group.participants.keys()].flatMap(
    (number) => exchange.world.accounts.get(number) ?? [],
  );
  const alternative = group.addressing === 'lid' ? 'pn' : 'lid';
  for (const member of [...members, ...alsoTo]) {
    exchange.world.touch(member);
    for (const companion of member.companions.values()) {
      const attrs = {
        id: exchange.nextId(),
        type: 'w:gp2',
        from: group.id,
        participant: actor.jid(group.addressing),
        [`participant_${alternative}`]: exchange.world.settings.alternates ? actor.jid(alternative) : null,
        addressing_mode: group.addressing,
        notify: actor.profile.name,
        t: nowSeconds(),
      };
      exchange.push(member, companion, stanza('notification', attrs, [content]));
    }
  }
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

function changeOne(group: Group, change: MembershipChange, member: Account): string {
  const current = group.participants.get(member.number);
  if (change === 'add') {
    if (current) return '409';
    group.participants.set(member.number, { admin: null });
    return '200';
  }
  if (!current) return '404';
  if (change === 'remove') group.participants.delete(member.number);
  else current.admin = change === 'promote' ? 'admin' : null;
  return '200';
}

function forgetGroupKey(account: Account | undefined, group: Group): void {
  if (!account) return;
  account.keyHolders.delete(group.id);
  account.keys.senderKeys.delete(`${group.id}|${account.number}.0`);
}
