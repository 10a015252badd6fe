import { isAboutMessage } from '../messages/actions.ts';
import type { WorkerEvent } from '../workers/worker-event.ts';
import { createEvent, digestOf } from './create-event.ts';
import { messageReceived, messageSent } from './message-events.ts';
import { readReportedData } from './read-reported-data.ts';
import { type DeclaredEvent, EVENTS, type GatewayEvent } from './registry.ts';

type Fields = Readonly<Record<string, unknown>>;

const BY_REPORT = new Map<string, DeclaredEvent>(
  EVENTS.flatMap((event) => event.reports.map((report) => [report, event] as const)),
);

/** Workers of other makes give no ids: the same report then has the same digest. */
export const factOf = (given: string | undefined, report: object): string => given ?? digestOf(report);

/** A time that stays the same when a report comes again, where the report has one. */
export function timeOf(now: number, ...given: unknown[]): string {
  const times = given.map((each) => (typeof each === 'string' ? Date.parse(each) : Number.NaN));
  return new Date(times.find((each) => !Number.isNaN(each)) ?? now).toISOString();
}

const firstText = (...given: unknown[]) => given.find((each) => typeof each === 'string' && each !== '');
const isGroup = (jid: unknown) => typeof jid === 'string' && jid.endsWith('@g.us');

/** Stands for a chat and a person that the worker does not name: the message itself is told all the same. */
const UNKNOWN = 'unknown';

/** What workers of other makes may leave out of a message, or call otherwise. What ours reports has all of it. */
function completeMessage(data: Fields, fact: string): Fields {
  const chatId = firstText(data['chatId'], data['from'], data['to'], UNKNOWN);
  return {
    ...data,
    id: firstText(data['id'], data['messageId'], fact),
    chatId,
    from: firstText(data['from'], chatId),
    to: firstText(data['to'], chatId),
    fromMe: data['fromMe'] === true,
    isGroup: data['isGroup'] ?? isGroup(chatId),
    type: firstText(data['type'], 'text'),
    content: firstText(data['content'], data['message'], data['text']) ?? null,
    sender: data['sender'] ?? {
      phoneNumber: data['phoneNumber'] ?? null,
      lid: data['lid'] ?? null,
      name: data['pushName'] ?? null,
    },
    chat: data['chat'] ?? { id: chatId, kind: isGroup(chatId) ? 'group' : 'direct' },
  };
}

/** A message without the parts that its type has: of it, workers of other makes report the text alone. */
const asUnsupported = (data: Fields): Fields => ({
  ...data,
  type: 'unsupported',
  unsupported: { kind: data['type'] },
});

/** A message is the account's own where it says so, whichever word its worker has for it. */
const isOwn = (event: DeclaredEvent, data: Fields) =>
  event === messageReceived && data['fromMe'] === true ? messageSent : event;

function complete(event: DeclaredEvent, data: Fields, fact: string): Fields {
  switch (event.type) {
    case 'message.received':
    case 'message.reaction':
    case 'message.edited':
    case 'message.revoked':
    case 'message.undecryptable':
    case 'poll.vote':
    case 'event.response':
      return completeMessage(data, fact);
    case 'message.sent': {
      const message = completeMessage(data, fact);
      const source = data['source'] ?? (data['fromMe'] === true ? 'phone' : 'api');
      const about = { from: data['from'], messageId: data['messageId'] ?? message['id'], source };
      return { ...message, ...about, status: 'sent' };
    }
    case 'message.failed':
      return { ...data, messageId: firstText(data['messageId'], data['id']), status: 'failed' };
    default:
      return data;
  }
}

/**
 * What tenants are told of a worker's event; `undefined` where they are told nothing, since a session's status and
 * the worker's own life are reported elsewhere, or to nobody; `incomplete` where it lacks what there is no event without.
 * @param now milliseconds since the epoch, for events that carry no time
 */
export function eventOfReport(
  report: WorkerEvent,
  sessionId: string,
  now: number,
): GatewayEvent | 'incomplete' | undefined {
  const reported = BY_REPORT.get(report.event);
  const given = report.data;
  if (reported === undefined) return undefined;
  const event = isOwn(reported, given);
  // An edit, a revocation or a reaction leaves as a message does, and is none to whoever reads.
  if (event === messageSent && typeof given['type'] === 'string' && isAboutMessage(given['type']))
    return undefined;
  const fact = factOf(report.id, report);
  // A message that WhatsApp delivers again is reported at another time, but is of the same time.
  const at = timeOf(now, given['timestamp'], report.timestamp);
  const completed = { ...complete(event, given, fact), sessionId, timestamp: at };
  const data =
    readReportedData(event.data, completed) ??
    (event === messageReceived ? readReportedData(event.data, asUnsupported(completed)) : undefined);
  if (data === undefined) return 'incomplete';
  return createEvent(event, { fact, at, sessionId, data } as never) as GatewayEvent;
}
