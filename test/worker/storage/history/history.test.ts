import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGE_STATUSES } from '../../../../shared/messages/schema.ts';
import {
  decodeRecords,
  encodeRecords,
  type HistoryMessage,
  type HistoryRecord,
} from '../../../../worker/storage/history/history-record.ts';
import { HistoryWriter } from '../../../../worker/storage/history/history-writer.ts';
import { readHistory, readHistoryMessage } from '../../../../worker/storage/history/read-history.ts';
import { readSessionData, writeSessionData } from '../../../../worker/storage/history/session-data.ts';
import { CountingStore } from '../testing/counting-store.ts';
import { MapStore } from '../testing/map-store.ts';

const START = Date.UTC(2026, 10, 19, 22);

const message = (n: number, change: Partial<HistoryMessage> = {}): HistoryMessage => ({
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

const status = (n: number, to: HistoryMessage['status']): HistoryRecord => ({
  kind: 'status',
  id: `M-${n}`,
  status: to,
  at: new Date(START + n * 60_000 + 5_000).toISOString(),
});

/** Written in batches of `batch`, over as many days as the messages take. */
async function write(
  store: MapStore | CountingStore,
  records: HistoryRecord[],
  batch: number,
): Promise<void> {
  let at = START;
  const writer = new HistoryWriter({ store, sessionId: 's-1', mostRecords: batch, now: () => new Date(at) });
  for (let index = 0; index < records.length; index += batch) {
    for (const record of records.slice(index, index + batch)) writer.append(record);
    await writer.flush();
    at += batch * 60_000;
  }
}

describe('the history of a session', () => {
  it('gives back every record as it was', () => {
    const record = fc.oneof(
      fc.record({
        kind: fc.constant('message' as const),
        message: fc.record({
          id: fc.string({ minLength: 1 }),
          direction: fc.constantFrom('inbound' as const, 'outbound' as const),
          chatId: fc.string(),
          from: fc.string(),
          to: fc.string(),
          type: fc.string(),
          content: fc.option(fc.string({ unit: 'binary' })),
          timestamp: fc.constant('2026-11-21T01:02:03.000Z'),
          status: fc.constantFrom(...MESSAGE_STATUSES),
        }),
      }),
      fc.record({
        kind: fc.constant('status' as const),
        id: fc.string(),
        status: fc.constantFrom(...MESSAGE_STATUSES),
        at: fc.constant('2026-11-21T01:02:03.000Z'),
      }),
    );
    fc.assert(
      fc.property(fc.array(record), (records) => {
        expect(decodeRecords(encodeRecords(records))).toEqual(records);
      }),
    );
  });

  it('pages through every message once, the newest first, over days and whatever the batches', async () => {
    const all = Array.from({ length: 300 }, (_, n) => message(n));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 100 }),
        async (batch, limit) => {
          const store = new MapStore();
          await write(
            store,
            all.map((each) => ({ kind: 'message', message: each })),
            batch,
          );
          const read: HistoryMessage[] = [];
          for (let more = true; more; ) {
            const page = await readHistory(store, 's-1', { limit, offset: read.length });
            expect(page.total).toBe(300);
            read.push(...page.messages);
            more = page.hasMore;
          }
          expect(read).toEqual(all.toReversed());
        },
      ),
      { numRuns: 10 },
    );
  });

  it('shows the status a message has reached, and the steps to it, also from a later day', async () => {
    const store = new MapStore();
    const records: HistoryRecord[] = [
      { kind: 'message', message: message(2) },
      ...Array.from(
        { length: 200 },
        (_, n): HistoryRecord => ({ kind: 'message', message: message(10 + n) }),
      ),
      status(2, 'delivered'),
      status(2, 'read'),
      status(2, 'delivered'),
    ];
    await write(store, records, 20);
    const found = await readHistoryMessage(store, 's-1', 'M-2');
    expect(found?.message.status).toBe('read');
    expect(found?.timeline.map((step) => step.status)).toEqual(['delivered', 'read', 'delivered']);
    expect(await readHistoryMessage(store, 's-1', 'M-404')).toBeUndefined();
  });

  it('filters by direction, person, type, status and time, and counts what fits', async () => {
    const store = new MapStore();
    const records = Array.from(
      { length: 100 },
      (_, n): HistoryRecord => ({
        kind: 'message',
        message: message(n, n === 50 ? { chatId: '77@lid', to: '62877@s.whatsapp.net' } : {}),
      }),
    );
    await write(store, records, 30);
    const count = async (query: object) => {
      const page = await readHistory(store, 's-1', { limit: 5, ...query });
      expect(page.messages).toHaveLength(Math.min(5, page.total));
      return page.total;
    };
    expect(await count({ direction: 'inbound' })).toBe(50);
    expect(await count({ with: '+62877' })).toBe(1);
    expect(await count({ with: '77@lid' })).toBe(1);
    expect(await count({ type: 'image' })).toBe(20);
    expect(await count({ status: 'sent', type: 'image' })).toBe(10);
    expect(await count({ from: message(90).timestamp })).toBe(10);
    expect(await count({ to: message(9).timestamp })).toBe(10);
  });

  it('is written in batches, and again where storage fails', async () => {
    const store = new CountingStore(new MapStore());
    let failures = 2;
    store.fails = () => {
      failures -= 1;
      return failures < 0 ? undefined : new Error('503');
    };
    const writer = new HistoryWriter({ store, sessionId: 's-1', backOff: { firstMs: 1, longestMs: 2 } });
    for (let n = 0; n < 100; n++) writer.append({ kind: 'message', message: message(n) });
    await writer.flush();
    expect(store.counts.put).toBe(3);
    expect((await readHistory(store, 's-1', { limit: 1 })).total).toBe(100);
  });

  it('reads one LIST and the parts of the page, not the whole history', async () => {
    const store = new CountingStore(new MapStore());
    const records = Array.from(
      { length: 1_000 },
      (_, n): HistoryRecord => ({ kind: 'message', message: message(n) }),
    );
    await write(store, records, 10);
    store.resetCounts();
    await readHistory(store, 's-1', { limit: 20 });
    expect(store.counts).toMatchObject({ list: 1, get: 8 });
  });
});

it('session-data.json tells what is known of a session', async () => {
  const store = new MapStore();
  const data = {
    ...{ sessionId: 's-1', epoch: 3, status: 'connected', phoneNumber: '+62811' },
    updatedAt: '2026-11-21T01:02:03.000Z',
  };
  await writeSessionData(store, data);
  expect(await readSessionData(store, 's-1')).toEqual(data);
  expect(await readSessionData(store, 's-2')).toBeUndefined();
});
