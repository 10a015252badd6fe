import { bytesOf, child, children, nowSeconds, type Stanza, stanza, textOf } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Group } from '../world/group.ts';
import { addGroup, announce, changeMembers, type MembershipChange } from './group-directory.ts';
import { groupStanza } from './group-stanza.ts';
import { type Request, RequestRefused } from './request.ts';

/** `xmlns=w:g2`: to `@g.us` for groups in general, to a group's JID for that one. */
export function answerGroups(request: Request): Stanza[] {
  const { body, node, type } = request;
  const to = node.attrs['to'] ?? '';
  if (!body) throw new RequestRefused(400, 'bad-request');
  if (to === '@g.us')
    return type === 'get' ? answerGeneralGet(request, body) : answerGeneralSet(request, body);
  const group = memberGroup(request, to);
  return type === 'get' ? answerGet(request, group, body) : answerSet(request, group, body);
}

function answerGeneralGet({ exchange, account }: Request, body: Stanza): Stanza[] {
  const { groups } = exchange.world;
  if (body.tag === 'participating') {
    const own = [...groups.values()].filter((group) => group.participants.has(account.number));
    return [
      stanza(
        'groups',
        {},
        own.map((group) => groupStanza(exchange.world, group)),
      ),
    ];
  }
  if (body.tag === 'invite') return [groupStanza(exchange.world, byInvite(groups, body))];
  throw new RequestRefused(400, 'bad-request');
}

function answerGeneralSet(request: Request, body: Stanza): Stanza[] {
  const { exchange, account } = request;
  switch (body.tag) {
    case 'create': {
      const group = addGroup(exchange, account, body.attrs['subject'] ?? '', people(request, body));
      return [groupStanza(exchange.world, group)];
    }
    case 'leave': {
      const left = children(body, 'group').map((one) => {
        const group = memberGroup(request, one.attrs['id'] ?? '');
        changeMembers(exchange, group, account, 'remove', [account]);
        return stanza('group', { id: group.id });
      });
      return [stanza('leave', {}, left)];
    }
    case 'invite': {
      const group = byInvite(exchange.world.groups, body);
      changeMembers(exchange, group, account, 'add', [account]);
      return [stanza('group', { jid: group.id })];
    }
    default:
      throw new RequestRefused(400, 'bad-request');
  }
}

function answerGet({ exchange }: Request, group: Group, body: Stanza): Stanza[] {
  switch (body.tag) {
    case 'query':
      return [groupStanza(exchange.world, group)];
    case 'invite':
      return [stanza('invite', { code: group.inviteCode })];
    case 'membership_approval_requests':
      return [stanza('membership_approval_requests', {}, [])];
    default:
      throw new RequestRefused(400, 'bad-request');
  }
}

const membershipChanges: readonly string[] = [
  'add',
  'remove',
  'promote',
  'demote',
] satisfies MembershipChange[];

function answerSet(request: Request, group: Group, body: Stanza): Stanza[] {
  const { exchange, account } = request;
  demandAdmin(group, account);
  if (isMembershipChange(body.tag)) return [changed(request, group, body, body.tag)];
  const told = applySetting(exchange.world.derive('invite', Date.now()), group, account, body);
  announce(exchange, group, account, told);
  return body.tag === 'invite' ? [stanza('invite', { code: group.inviteCode })] : [];
}

/** Changes the group, and gives what its members are told. */
function applySetting(fresh: Buffer, group: Group, account: Account, body: Stanza): Stanza {
  switch (body.tag) {
    case 'subject':
      group.subject = textOf(body);
      group.subjectAt = nowSeconds();
      return stanza('subject', {
        subject: group.subject,
        s_t: group.subjectAt,
        s_o: account.jid(group.addressing),
      });
    case 'description': {
      const id = body.attrs['id'] ?? '';
      const text = textOf(body, 'body');
      group.description = child(body, 'body') ? { id, text, by: account.number, at: nowSeconds() } : null;
      return stanza('description', { id }, [stanza('body', {}, bytesOf(body, 'body'))]);
    }
    case 'announcement':
    case 'not_announcement':
      group.announce = body.tag === 'announcement';
      return stanza(body.tag);
    case 'locked':
    case 'unlocked':
      group.locked = body.tag === 'locked';
      return stanza(body.tag);
    case 'ephemeral':
    case 'not_ephemeral':
      group.ephemeralSeconds = Number(body.attrs['expiration'] ?? 0);
      return stanza(body.tag, { expiration: body.attrs['expiration'] });
    case 'invite':
      group.inviteCode = fresh.toString('base64url').slice(0, 22);
      return stanza('invite', { code: group.inviteCode });
    default:
      throw new RequestRefused(501, 'feature-not-implemented');
  }
}

function changed(request: Request, group: Group, body: Stanza, change: MembershipChange): Stanza {
  const outcome = changeMembers(request.exchange, group, request.account, change, people(request, body));
  const answers = [...outcome].map(([member, code]) =>
    stanza('participant', { jid: member.jid(group.addressing), error: code === '200' ? null : code }),
  );
  return stanza(change, {}, answers);
}

function people({ exchange }: Request, body: Stanza): Account[] {
  return children(body, 'participant').flatMap((one) => {
    const person = exchange.world.find(one.attrs['jid']);
    return person?.profile.exists ? [person] : [];
  });
}

function memberGroup({ exchange, account }: Request, id: string): Group {
  const group = exchange.world.groups.get(id);
  if (!group) throw new RequestRefused(404, 'item-not-found');
  if (!group.participants.has(account.number)) throw new RequestRefused(403, 'forbidden');
  return group;
}

function byInvite(groups: Map<string, Group>, body: Stanza): Group {
  const group = [...groups.values()].find((one) => one.inviteCode === body.attrs['code']);
  if (!group) throw new RequestRefused(404, 'item-not-found');
  return group;
}

function demandAdmin(group: Group, account: Account): void {
  if (!group.participants.get(account.number)?.admin) throw new RequestRefused(403, 'forbidden');
}

function isMembershipChange(tag: string): tag is MembershipChange {
  return membershipChanges.includes(tag);
}
