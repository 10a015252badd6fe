import { historyKey } from '../../../../shared/messages/history/history-keys.ts';
import {
  type HistoryQuery,
  HistoryQuery as QuerySchema,
} from '../../../../shared/messages/history/history-query.ts';
import {
  encodeRecord,
  type HistoryChange,
  type HistoryMessage,
  type HistoryRecord,
} from '../../../../shared/messages/history/history-record.ts';
import type { ObjectStore } from '../../../../worker/storage/object-store.ts';

export const START = Date.UTC(2026, 10, 19, 22);
export const SESSION = 's-1';

/** Number `n`, written down a minute after the one before. */
export const message = (n: number, change: Partial<HistoryMessage> = {}): HistoryMessage => ({
  id: `M-${n}`,
  direction: n % 2 ? 'inbound' : 'outbound',
  chatId: '99@lid',
  from: n % 2 ? '62811@s.whatsapp.net' : '62800@s.whatsapp.net',
  to: n % 2 ? '62800@s.whatsapp.net' : '62811@s.whatsapp.net',
  type: n % 5 ? 'text' : 'image',
  content: `text ${n}`,
  timestamp: new Date(START + n * 60_000).toISOString(),
  status: n % 2 ? 'delivered' : 'sent',
  ...change,
});

export const messageRecord = (n: number, change: Partial<HistoryMessage> = {}): HistoryRecord => {
  const made = message(n, change);
  return { kind: 'message', at: made.timestamp, message: made };
};

export const messageRecords = (count: number, change?: (n: number) => Partial<HistoryMessage>) =>
  Array.from({ length: count }, (_, n) => messageRecord(n, change?.(n)));

export const statusRecord = (n: number, status: HistoryMessage['status']): HistoryRecord => ({
  kind: 'status',
  id: `M-${n}`,
  status,
  at: new Date(START + n * 60_000 + 5_000).toISOString(),
});

let changes = 0;

/** Said about number `n` by whoever wrote it, in its chat, three seconds after it: another text where nothing else is asked. */
export function changeRecord(n: number, given: Partial<HistoryChange> = {}): HistoryChange {
  const { id: messageId, direction, chatId, from, to } = message(n);
  changes += 1;
  const at = new Date(START + n * 60_000 + 3_000 + changes).toISOString();
  const said = { change: 'edited' as const, id: `C-${changes}`, content: `edited ${n}` };
  return { kind: 'change', at, ...said, messageId, direction, chatId, from, to, ...given };
}

/** Each batch as one part, the records a minute apart: over as many days as that takes. */
export async function writeParts(
  store: Pick<ObjectStore, 'put'>,
  records: readonly HistoryRecord[],
  batch: number,
  epoch = 1,
  sessionId = SESSION,
): Promise<void> {
  for (let at = 0; at < records.length; at += batch) {
    const part = records.slice(at, at + batch);
    const messages = part.filter(({ kind }) => kind === 'message').length;
    const from = START + (at + part.length) * 60_000;
    await store.put(
      historyKey(sessionId, { from, epoch, messages }, 'abc'),
      Buffer.from(part.map(encodeRecord).join('')),
    );
  }
}

export const query = (given: Partial<HistoryQuery> = {}): HistoryQuery => QuerySchema.parse(given);
