import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  type WACallEvent,
} from '@whiskeysockets/baileys';
import { PEOPLE_CHANGES } from '../../../shared/events/conversation-events.ts';
import type { OmitEach, ReportedData, ReportedEvent } from '../../../shared/events/worker-report.ts';
import type { People } from './people.ts';
import { type Person, phoneNumberOf, readPerson } from './read-jid.ts';

/** What happened beside messages. `id` is the same when WhatsApp tells of it again. */
export type Notice = { id: string } & Extract<ReportedEvent, { event: 'group_updated' | 'call_received' }>;
/** How a group changed. */
type GroupChange = OmitEach<ReportedData<'group_updated'>, 'groupId' | 'by' | 'timestamp'>;

const MAX_LISTED = 256;
/** The rest is about keys, requests and communities. */
const isAboutPeople = (tag: string): tag is (typeof PEOPLE_CHANGES)[number] =>
  (PEOPLE_CHANGES as readonly string[]).includes(tag);

/**
 * A change of a group, off the stanza itself: Baileys' events of it (`groups.update`,
 * `group-participants.update`) carry neither its id nor its time, without which the same change told twice
 * could not be known from two changes.
 */
export function readGroupNotification(node: BinaryNode, people: People): Notice | undefined {
  const { id, from: groupId, t } = node.attrs;
  const [change] = getAllBinaryNodeChildren(node);
  const changed = change && readChange(change, people);
  if (!id || !groupId?.endsWith('@g.us') || changed === undefined) return undefined;
  const by = readPerson(
    node.attrs['participant'],
    node.attrs['participant_pn'],
    node.attrs['participant_lid'],
  );
  const timestamp = timeOf(t);
  return {
    event: 'group_updated',
    id: `${groupId}|${id}|${t}`,
    data: { groupId, ...changed, by: describe(by, people), timestamp },
  };
}

function readChange(change: BinaryNode, known: People): GroupChange | undefined {
  const { tag, attrs } = change;
  if (isAboutPeople(tag)) {
    const people = getBinaryNodeChildren(change, 'participant').slice(0, MAX_LISTED);
    const participants = people.map(({ attrs: { jid, phone_number, lid } }) =>
      describe(readPerson(jid, phone_number, lid), known),
    );
    return { action: tag, participants };
  }
  switch (tag) {
    case 'create':
      return { action: 'create', subject: getBinaryNodeChild(change, 'group')?.attrs['subject'] ?? null };
    case 'subject':
      return { action: 'subject', subject: attrs['subject'] ?? null };
    case 'description':
      return { action: 'description', description: textOf(getBinaryNodeChild(change, 'body')) };
    case 'announcement':
    case 'not_announcement':
      return { action: 'announce', announce: tag === 'announcement' };
    case 'locked':
    case 'unlocked':
      return { action: 'locked', locked: tag === 'locked' };
    case 'ephemeral':
    case 'not_ephemeral':
      return { action: 'ephemeral', ephemeralSeconds: Number(attrs['expiration'] ?? 0) };
    default:
      return undefined;
  }
}

/** A call that rings; what becomes of it is no event of its own. */
export function readCall(call: WACallEvent, people: People): Notice | undefined {
  if (call.status !== 'offer') return undefined;
  const caller = people.complete(readPerson(call.from, call.callerPn, call.chatId));
  const timestamp = Number.isNaN(call.date.getTime()) ? new Date() : call.date;
  return {
    event: 'call_received',
    id: call.id,
    data: {
      callId: call.id,
      from: caller.pn ?? caller.lid ?? call.from,
      ...describe(caller, people),
      isVideo: call.isVideo === true,
      isGroup: call.isGroup === true,
      offline: call.offline,
      timestamp: timestamp.toISOString(),
    },
  };
}

/** By both names, also where the notice has only one of them. */
function describe(person: Person, people: People) {
  const { pn, lid } = people.complete(person);
  return { phoneNumber: phoneNumberOf(pn) ?? null, lid: lid ?? null };
}

const textOf = (node: BinaryNode | undefined): string | null => {
  const { content } = node ?? {};
  if (content === undefined || Array.isArray(content)) return null;
  return (typeof content === 'string' ? content : Buffer.from(content).toString()) || null;
};

function timeOf(seconds: string | undefined): string {
  const at = Number(seconds ?? 0);
  return new Date(at > 0 && at < 1e11 ? at * 1000 : Date.now()).toISOString();
}
