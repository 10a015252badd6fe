import type { MessageStatus } from '../../../shared/messages/schema.ts';
import { advances } from '../../../shared/messages/status-order.ts';
import type { ObjectStore } from '../object-store.ts';
import { type HistoryPart, historyPrefix, parseHistoryKey } from './history-keys.ts';
import { decodeRecords, type HistoryMessage } from './history-record.ts';

export interface HistoryQuery {
  limit: number;
  offset?: number;
  direction?: HistoryMessage['direction'];
  /** The chat, or the other person: as a JID, or a number with or without `+`. */
  with?: string;
  type?: string;
  status?: MessageStatus;
  /** Of the message's time, both included; ISO-8601, UTC. */
  from?: string;
  to?: string;
}

export interface HistoryPage {
  messages: HistoryMessage[];
  total: number;
  hasMore: boolean;
}

export interface StatusStep {
  status: MessageStatus;
  at: string;
}

const PARALLEL_GETS = 8;
const FILTERS = ['direction', 'with', 'type', 'status', 'from', 'to'] as const;

const digits = (text: string) => text.split('@')[0]?.split(':')[0]?.replace(/\D/g, '') ?? '';

function fits(message: HistoryMessage, query: HistoryQuery): boolean {
  const other = query.with;
  const names = [message.chatId, message.direction === 'inbound' ? message.from : message.to];
  return (
    (query.direction === undefined || message.direction === query.direction) &&
    (query.type === undefined || message.type === query.type) &&
    (query.status === undefined || message.status === query.status) &&
    (query.from === undefined || message.timestamp >= query.from) &&
    (query.to === undefined || message.timestamp <= query.to) &&
    (other === undefined ||
      names.some((name) => name === other || (!other.includes('@') && digits(name) === digits(other))))
  );
}

/** Newest part first, read a few ahead. */
async function* readParts(store: ObjectStore, parts: readonly HistoryPart[]) {
  for (let at = 0; at < parts.length; at += PARALLEL_GETS) {
    const bodies = await Promise.all(parts.slice(at, at + PARALLEL_GETS).map(({ key }) => store.get(key)));
    for (const body of bodies) if (body !== undefined) yield decodeRecords(body);
  }
}

/** Each message once, the newest first, with the status it has reached; updates come after their message. */
async function* readMessages(store: ObjectStore, parts: readonly HistoryPart[]) {
  const steps = new Map<string, StatusStep[]>();
  const seen = new Set<string>();
  for await (const records of readParts(store, parts)) {
    for (const record of records.toReversed()) {
      if (record.kind === 'status') {
        const { id, status, at } = record;
        steps.set(id, [...(steps.get(id) ?? []), { status, at }]);
        continue;
      }
      const { message } = record;
      if (seen.has(message.id)) continue;
      seen.add(message.id);
      const timeline = (steps.get(message.id) ?? []).toReversed();
      let { status } = message;
      for (const step of timeline) if (advances(status, step.status)) status = step.status;
      steps.delete(message.id);
      yield { message: { ...message, status }, timeline };
    }
  }
}

async function listParts(store: ObjectStore, sessionId: string): Promise<HistoryPart[]> {
  const found = await store.list(historyPrefix(sessionId));
  return found
    .map(({ key }) => parseHistoryKey(key))
    .filter((part) => part !== undefined)
    .toReversed();
}

/**
 * The newest first. Without filters only the parts of the page are read, and `total` comes from their
 * names; with filters everything is, since nothing else tells how many fit.
 */
export async function readHistory(
  store: ObjectStore,
  sessionId: string,
  query: HistoryQuery,
): Promise<HistoryPage> {
  const { limit, offset = 0 } = query;
  const parts = await listParts(store, sessionId);
  const filtered = FILTERS.some((filter) => query[filter] !== undefined);
  const messages: HistoryMessage[] = [];
  let matching = 0;
  for await (const { message } of readMessages(store, parts)) {
    if (!fits(message, query)) continue;
    if (!filtered && messages.length === limit) break;
    matching += 1;
    if (matching > offset && messages.length < limit) messages.push(message);
  }
  const named = parts.reduce((sum, part) => sum + part.messages, 0);
  const total = filtered ? matching : named;
  return { messages, total, hasMore: offset + messages.length < total };
}

/** One message with the steps of its status, oldest first; `undefined` where there is none of this id. */
export async function readHistoryMessage(
  store: ObjectStore,
  sessionId: string,
  messageId: string,
): Promise<{ message: HistoryMessage; timeline: StatusStep[] } | undefined> {
  for await (const found of readMessages(store, await listParts(store, sessionId)))
    if (found.message.id === messageId) return found;
  return undefined;
}
