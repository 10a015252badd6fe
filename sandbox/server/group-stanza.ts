import { type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Group } from '../world/group.ts';
import type { World } from '../world/world.ts';

/** The group as `extractGroupMetadata` of Baileys reads it. */
export function groupStanza(world: World, group: Group): Stanza {
  const creator = world.accounts.get(group.creator);
  const content = [...group.participants].flatMap(([number, { admin }]) => {
    const member = world.accounts.get(number);
    return member ? [participantStanza(world, group, member, admin)] : [];
  });
  if (group.description) {
    const { id, text, by, at } = group.description;
    const body = stanza('body', {}, Buffer.from(text));
    const author = world.accounts.get(by)?.jid(group.addressing);
    content.push(stanza('description', { id, participant: author, t: at }, [body]));
  }
  if (group.announce) content.push(stanza('announcement'));
  if (group.locked) content.push(stanza('locked'));
  if (group.ephemeralSeconds) content.push(stanza('ephemeral', { expiration: group.ephemeralSeconds }));
  const attrs = {
    id: group.id.split('@')[0],
    subject: group.subject,
    s_o: creator?.jid(group.addressing),
    s_t: group.subjectAt,
    creation: group.createdAt,
    creator: creator?.jid(group.addressing),
    creator_pn: creator?.jid('pn'),
    addressing_mode: group.addressing,
    size: group.participants.size,
  };
  return stanza('group', attrs, content);
}

export function participantStanza(
  { settings }: World,
  group: Group,
  member: Account,
  admin: string | null = null,
): Stanza {
  const alternate =
    group.addressing === 'lid' ? { phone_number: member.jid('pn') } : { lid: member.jid('lid') };
  const other = settings.alternates ? alternate : {};
  return stanza('participant', { jid: member.jid(group.addressing), ...other, type: admin });
}
